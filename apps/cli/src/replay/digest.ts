import { createHash, type Hash } from 'node:crypto'
import { recordReader } from '@tidemark/codec'
import type { Log } from '@tidemark/log'
import type { TidemarkEvent, TopicName } from '@tidemark/model'

/** What a replay must reproduce. */
export const comparedTopics = [
  'aggregates',
  'alerts',
  'assessments',
  'fleet',
  'platform-reports',
  'rejected',
] as const satisfies readonly TopicName[]

/** What is needed of a log to read it. */
export type ReadableLog = Pick<Log, 'bounds' | 'read'>

/** Records of a topic after removal of repeats, and SHA-256 over their keys and values, by partition and source. */
export type TopicDigest = { readonly records: number; readonly digest: string }

/**
 * The interleaving of sources inside a partition is not fixed, so each source has a hash of its own: an input topic for what the
 * aggregator wrote, a partition of the evaluator for fleet slices. Repeats, at or below their source's last cause, do not count.
 */
export const digestOf = async (log: ReadableLog, topic: TopicName): Promise<TopicDigest> => {
  const sources = new Map<string, { readonly hash: Hash; last: readonly [number, number] }>()
  let records = 0
  for (const { partition, startOffset, endOffset } of await log.bounds(topic)) {
    const reader = recordReader()
    for (let at = startOffset; at < endOffset;) {
      const batches = await log.read({ topic, partition, fromOffset: at, maxWaitMs: 1000 })
      reader.open(batches)
      for (let record = reader.next(); record !== null; record = reader.next()) {
        const cause = record.decoded.ok ? causeOf(record.decoded.event) : null
        const name = `${partition} ${cause?.source ?? 'undecodable'}`
        const source = sources.get(name) ?? { hash: createHash('sha256'), last: [-1, -1] as const }
        sources.set(name, source)
        if (cause !== null && !isAfter(cause.at, source.last)) continue
        if (cause !== null) source.last = cause.at
        addTo(source.hash, record.key, record.value)
        records++
      }
      at = batches.nextOffset
    }
  }
  const whole = createHash('sha256')
  for (const [name, { hash }] of [...sources].sort(([a], [b]) => (a < b ? -1 : 1)))
    whole.update(`${name} ${hash.digest('hex')}\n`)
  return { records, digest: whole.digest('hex') }
}

type Cause = { readonly source: string; readonly at: readonly [number, number] }

const causeOf = (event: TidemarkEvent): Cause | null => {
  if (!('cause' in event)) return null
  const { cause } = event
  if ('topic' in cause) return { source: cause.topic, at: [cause.offset, cause.index] }
  return { source: `partition ${cause.partition}`, at: [cause.windowEndUs, cause.index] }
}

const isAfter = ([a, b]: readonly [number, number], [c, d]: readonly [number, number]): boolean =>
  a > c || (a === c && b > d)

const addTo = (hash: Hash, key: Uint8Array | null, value: Uint8Array | null): void => {
  const lengths = Buffer.alloc(8)
  lengths.writeInt32BE(key?.length ?? -1, 0)
  lengths.writeInt32BE(value?.length ?? -1, 4)
  hash.update(lengths)
  if (key !== null) hash.update(key)
  if (value !== null) hash.update(value)
}
