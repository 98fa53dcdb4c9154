import { recordReader } from '@tidemark/codec'
import { PositionError, type Log } from '@tidemark/log'
import type { AlertEvent, Offset } from '@tidemark/model'
import type { Faults } from './faults.ts'
import { actOf, type Letter } from './operator-acts.ts'
import type { Plan } from './plan.ts'
import { publish, type PublishingParts } from './publishing.ts'

export type OperatorParts = PublishingParts & {
  readonly plan: Plan
  readonly log: Log
  readonly faults: Faults
  readonly desk: Desk
}

/** What operators have before them; it outlives the process that they work with. */
export type Desk = {
  /** To be published, each from its time on and until the log has it. */
  readonly letters: Letter[]
  /** Silences that they made, by id. */
  readonly silences: string[]
  /** Alerts that they have read of, the newest last. */
  readonly alerts: AlertEvent[]
  readonly positions: Map<number, number>
}

export const emptyDesk = (): Desk => ({
  ...{ letters: [], silences: [], alerts: [], positions: new Map() },
})

const alertsMax = 30

/**
 * Reads what alerts there are and acts: answers them, makes and ends silences, tells of costs, incidents, evidence, and puts configurations in
 * force. What it has begun it brings to an end, if need be after a crash, and only then does it leave.
 */
export const operate = async (parts: OperatorParts): Promise<void> => {
  const { plan, process, draw, desk } = parts
  while (process.nowMs() < plan.loadUntilMs || desk.letters.length > 0) {
    if (process.nowMs() < plan.loadUntilMs) {
      await readAlerts(parts)
      desk.letters.push(...actOf(parts))
    }
    const due = desk.letters.filter(({ fromMs }) => fromMs <= process.nowMs())
    for (const letter of due) {
      const outcome = await publish(parts, letter)
      if (outcome.kind === 'acked') desk.letters.splice(desk.letters.indexOf(letter), 1)
    }
    await process.sleep(draw.between(200, 2000))
  }
}

const readAlerts = async ({ log, plan, desk }: OperatorParts): Promise<void> => {
  for (let partition = 0; partition < plan.layout.partitions; partition++) {
    const from = (desk.positions.get(partition) ?? 0) as Offset
    const batches = await log.read({ topic: 'alerts', partition, fromOffset: from }).catch(skipped)
    if (batches === null) {
      const bounds = await log.bounds('alerts')
      desk.positions.set(partition, bounds[partition]!.startOffset)
      continue
    }
    const reader = recordReader()
    reader.open(batches)
    for (let record = reader.next(); record !== null; record = reader.next())
      if (record.decoded.ok) desk.alerts.push(record.decoded.event as AlertEvent)
    desk.alerts.splice(0, desk.alerts.length - alertsMax)
    desk.positions.set(partition, batches.nextOffset)
  }
}

/** Retention has removed what was next. */
const skipped = (error: unknown): null => {
  if (error instanceof PositionError) return null
  throw error
}
