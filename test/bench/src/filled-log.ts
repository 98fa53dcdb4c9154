import { connect } from '@tidemark/assembly'
import { defaultLayout, type Layout } from '@tidemark/model'
import { openEmbeddedLog } from '@tidemark/log-embedded'
import { randomOf } from './harness/random.ts'
import { short } from './harness/table.ts'
import { batchEvents, eventBatches, singleEvents } from './workload.ts'

/** What the embedded log is filled with: requests, in all partitions alike. */
export type Filling = {
  readonly kind: 'single' | 'batched'
  readonly events: number
  readonly seed: number
  /** Default 50. */
  readonly servicesPerPartition?: number
}

const layout: Layout = { ...defaultLayout, timestamps: 'producer' }
const usualServices = 50
/** Of event time: a dozen windows. */
const seconds = 120

export const fillingText = ({
  kind,
  events,
  servicesPerPartition = usualServices,
}: Filling): string =>
  `${short(events)} events ${kind === 'single' ? 'one by one' : `in batches of ${batchEvents}`}, ${layout.partitions} partitions, ${layout.partitions * servicesPerPartition} services, ${seconds} s of event time`

/** Puts a log into an empty folder. */
export const fillLog = async (
  folder: string,
  { kind, events, seed, servicesPerPartition = usualServices }: Filling,
): Promise<void> => {
  const { log } = await connect({ kind: 'embedded', folder }, layout)
  await log.close()
  const filled = await openEmbeddedLog({ folder })
  try {
    for (let partition = 0; partition < layout.partitions; partition++) {
      const share = events / layout.partitions
      const { pieces } = (kind === 'single' ? singleEvents : eventBatches)({
        random: randomOf(seed + partition),
        events: share,
        services: servicesPerPartition,
        firstService: partition * servicesPerPartition,
        eventsPerSecond: share / seconds,
      })
      for (const piece of pieces) await filled.importBatches({ ...piece, partition })
    }
  } finally {
    await filled.close()
  }
}
