import { encodeOutput } from '@tidemark/codec'
import { randomEvent, randomFrom } from '@tidemark/codec/testing'
import type { Log } from '@tidemark/log'
import type { AlertEvent, RequestObserved } from '@tidemark/model'

/** What the client is tested on: a provisioned log of two partitions, and the same log opened once more. */
export type ClientLogs = {
  readonly log: Log
  readonly open: () => Promise<Log>
}

export const request = (service: string, n: number): RequestObserved => ({
  type: 'RequestObserved',
  id: `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`,
  service,
  operation: `GET /${n}`,
  atUs: 1_795_230_000_000_000 + n,
  latencyUs: n,
  status: 200,
  success: true,
})

/** The n-th alert of a partition: alerts differ in what causes them. */
export const alert = (
  partition: number,
  n: number,
  type: AlertEvent['type'] = 'AlertRaised',
): AlertEvent => ({
  ...(randomEvent(type, randomFrom(100 * partition + n)) as AlertEvent),
  cause: { partition, windowEndUs: 10_000_000 * (1 + Math.floor(n / 3)), index: n % 3 },
})

/** Puts alerts into their partition as the evaluator does. */
export const writeAlerts = async (log: Log, alerts: readonly AlertEvent[]): Promise<void> => {
  const stop = new AbortController()
  const partitions = new Set(alerts.map(({ cause }) => cause.partition))
  const host = { processor: 'evaluator', topics: ['aggregates'], tasks: 2 } as const
  await log.host(
    host,
    async ({ task, commit }) => {
      const own = alerts.filter(({ cause }) => cause.partition === task)
      if (own.length > 0)
        await commit({
          outputs: own.map((event) => ({ partition: task, ...encodeOutput(event) })),
          checkpoint: new Map(),
          positions: [],
        })
      partitions.delete(task)
      if (partitions.size === 0) stop.abort()
    },
    stop.signal,
  )
}
