import { setTimeout } from 'node:timers/promises'
import { openKafkaLog } from '@tidemark/log-kafka'
import type { Offset } from '@tidemark/model'
import { machineMs } from '../harness/measured.ts'

// A member of a processor with one task, in a process of its own: it says which tasks it has, and commits an output that bears its pid every
// 20 ms as long as it owns the task. SIGTERM ends it in order.

export type OwnerSettings = {
  readonly brokers: readonly string[]
  readonly prefix: string
  readonly processor: string
  readonly sessionTimeoutMs: number
}

/** Times are `machineMs`. */
export type FromOwner =
  | { readonly kind: 'joined'; readonly tasks: readonly number[] }
  | { readonly kind: 'committed'; readonly atMs: number }

const paceMs = 20

const { brokers, prefix, processor, sessionTimeoutMs } = JSON.parse(
  process.argv[2]!,
) as OwnerSettings

const tell = (message: FromOwner): void => void process.send!(message)

const stopping = new AbortController()
process.on('SIGTERM', () => stopping.abort())
const log = await openKafkaLog({
  ...{ brokers, prefix, sessionTimeoutMs },
  observe: (event) => {
    if (event.kind === 'joined') tell({ kind: 'joined', tasks: event.tasks })
  },
})
const pid = Buffer.from(`${process.pid}`)
const here = { topic: 'requests', partition: 0, position: 0 as Offset, from: 0 as Offset } as const
await log.host(
  { processor, topics: ['requests'], tasks: 1 },
  async (session, signal) => {
    while (!signal.aborted) {
      await session.commit({
        outputs: [{ topic: 'alerts', partition: 0, key: null, value: pid }],
        checkpoint: new Map([['owner', pid]]),
        positions: [here],
      })
      tell({ kind: 'committed', atMs: machineMs() })
      await setTimeout(paceMs, undefined, { signal }).catch(() => undefined)
    }
  },
  stopping.signal,
)
await log.close()
process.disconnect()
