import { ledgerOf } from '@tidemark/aggregation'
import { connect } from '@tidemark/assembly'
import type { Log } from '@tidemark/log'
import { defaultLayout, type Layout } from '@tidemark/model'

/** Makes an embedded log, so that several processes may begin on it at once. */
export const provisioned = async (
  folder: string,
  layout: Layout = defaultLayout,
): Promise<void> => {
  const { log } = await connect({ kind: 'embedded', folder }, layout)
  await log.close()
}

/** Events that the aggregator has counted as aggregated, as committed. */
export const countedBy = async (log: Log, partitions: number): Promise<number> => {
  const states = await log.checkpoints('aggregator', partitions)
  const ledgers = states.flatMap(({ checkpoint }) => (checkpoint ? ledgerOf(checkpoint) : []))
  return ledgers.reduce((sum, { ledger }) => sum + ledger.aggregated, 0)
}

/** Throws unless the aggregator has counted just so many events, each once. */
export const checkCounted = async (folder: string, events: number): Promise<void> => {
  const { log, layout } = await connect({ kind: 'embedded', folder }, null)
  const aggregated = await countedBy(log, layout.partitions).finally(() => log.close())
  if (aggregated !== events) throw new Error(`${events} events were sent, ${aggregated} aggregated`)
}
