import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach } from '@jest/globals'
import { openEmbeddedLog } from '@tidemark/log-embedded'
import {
  defaultLayout,
  type Layout,
  type Offset,
  type TidemarkEvent,
  type TopicName,
} from '@tidemark/model'
import { provision, type Connection } from '../connection.ts'
import { topicRecords } from '../topic-records.ts'

/** Opens logs in folders of their own, which are gone after the test. */
export const openLogs = (): ((layout?: Partial<Layout>) => Promise<Connection>) => {
  const closers: (() => Promise<void>)[] = []
  afterEach(async () => {
    for (const close of closers.splice(0)) await close()
  })
  return async (part = {}) => {
    const layout = { ...defaultLayout, partitions: 3, ...part }
    const folder = mkdtempSync(join(tmpdir(), 'tidemark-assembly-'))
    const log = await openEmbeddedLog({ folder })
    closers.push(async () => {
      await log.close()
      rmSync(folder, { recursive: true })
    })
    await provision(log, layout)
    return { log, layout }
  }
}

export type PlacedEvent = {
  readonly offset: Offset
  readonly timestampMs: number
  readonly event: TidemarkEvent
}

/** Everything in a partition; throws where something does not decode. */
export const eventsIn = async (
  { log }: Pick<Connection, 'log'>,
  topic: TopicName,
  partition: number,
): Promise<readonly PlacedEvent[]> => {
  const { startOffset, endOffset } = (await log.bounds(topic))[partition]!
  const events: PlacedEvent[] = []
  const stretch = { topic, partition, fromOffset: startOffset, toOffset: endOffset }
  for await (const { offset, timestampMs, decoded } of topicRecords(log, stretch)) {
    if (!decoded.ok) throw new Error(`${topic}/${partition}@${offset}: ${decoded.detail}`)
    events.push({ offset, timestampMs, event: decoded.event })
  }
  return events
}
