import { readLayout } from '@tidemark/codec'
import { activationStartUs } from '@tidemark/evaluation'
import { NotProvisionedError, type Log } from '@tidemark/log'
import type { Id, Layout, Offset } from '@tidemark/model'
import { topicRecords } from '../topic-records.ts'

/** A configuration that was put in force in one partition. */
export type ConfigurationActivation = {
  readonly partition: number
  readonly offset: Offset
  readonly configurationId: Id
  readonly factId: string
  readonly by: string | null
  readonly note: string | null
  readonly atUs: number
  /** Stream clock of the partition of facts at this record. */
  readonly clockMs: number
  /** As asked for. */
  readonly effectiveFromUs: number
  /** Start of the first window that it may be in force for. */
  readonly fromUs: number
  /** Start of the first window behind those; the same as `fromUs` where it was superseded before; null: it is in force, or to come. */
  readonly untilUs: number | null
}

/**
 * Every activation of every partition, in their order, and for which windows each was or is in force. Before the first one it is the layout's
 * configuration. Facts are kept for ever, so all of them are read.
 */
export const configurationHistory = async (
  log: Log,
): Promise<readonly ConfigurationActivation[]> => {
  const record = await log.layoutRecord()
  if (record === null) throw new NotProvisionedError('nothing is provisioned there')
  const layout = readLayout(record)
  const histories: ConfigurationActivation[] = []
  for (const { partition, startOffset, endOffset } of await log.bounds('facts')) {
    const stretch = { partition, fromOffset: startOffset, toOffset: endOffset }
    histories.push(...(await historyOf(log, layout, stretch)))
  }
  return histories
}

type Stretch = {
  readonly partition: number
  readonly fromOffset: Offset
  readonly toOffset: Offset
}

const historyOf = async (
  log: Log,
  layout: Layout,
  stretch: Stretch,
): Promise<readonly ConfigurationActivation[]> => {
  const { partition } = stretch
  const found: ConfigurationActivation[] = []
  let clockMs = 0
  for await (const { offset, timestampMs, decoded } of topicRecords(log, {
    topic: 'facts',
    ...stretch,
  })) {
    clockMs = Math.max(clockMs, timestampMs)
    if (!decoded.ok || decoded.event.type !== 'ConfigurationActivated') continue
    const { event: fact } = decoded
    // It was refused.
    if (fact.atUs > timestampMs * 1000 + layout.maxFutureSkewUs) continue
    if (found.some(({ factId }) => factId === fact.id)) continue
    const { configurationId, by, note, atUs, effectiveFromUs } = fact
    const fromUs = activationStartUs({ clockMs, fact }, layout)
    found.push({
      ...{ partition, offset, configurationId, factId: fact.id, by, note, atUs },
      ...{ clockMs, effectiveFromUs, fromUs, untilUs: null },
    })
  }
  return found.map((activation, i) => {
    // A later one takes the place of those that begin when it does, or later.
    const ends = found.slice(i + 1).map(({ fromUs }) => Math.max(fromUs, activation.fromUs))
    return { ...activation, untilUs: ends.length === 0 ? null : Math.min(...ends) }
  })
}
