import { createHash, type Hash } from 'node:crypto'
import { recordReader } from '@tidemark/codec'
import type { Log } from '@tidemark/log'
import type { DerivedTopic, TopicName } from '@tidemark/model'
import { beforeAll, causeOf, isAfter, type CauseAt } from './cause.ts'

/** What a replay must reproduce. */
export const comparedTopics = [
  'aggregates',
  'alerts',
  'assessments',
  'fleet',
  'platform-reports',
  'rejected',
] as const satisfies readonly DerivedTopic[]

/** What is needed of a log to read it. */
export type ReadableLog = Pick<Log, 'bounds' | 'read'>

/** Records of a topic after removal of repeats, and SHA-256 over their keys and values, by partition and source. */
export type TopicDigest = { readonly records: number; readonly digest: string }

export type TopicDigester = {
  /** The next record of a source in a partition. */
  readonly add: (
    partition: number,
    source: string,
    key: Uint8Array | null,
    value: Uint8Array | null,
  ) => void
  readonly digest: () => TopicDigest
}

/** The interleaving of sources inside a partition is not fixed, so each source has a hash of its own. */
export const topicDigester = (): TopicDigester => {
  const hashes = new Map<string, Hash>()
  let records = 0
  return {
    add: (partition, source, key, value) => {
      const name = `${partition} ${source}`
      let hash = hashes.get(name)
      if (hash === undefined) hashes.set(name, (hash = createHash('sha256')))
      addTo(hash, key, value)
      records++
    },
    digest: () => {
      const whole = createHash('sha256')
      for (const [name, hash] of [...hashes].sort(([a], [b]) => (a < b ? -1 : 1)))
        whole.update(`${name} ${hash.copy().digest('hex')}\n`)
      return { records, digest: whole.digest('hex') }
    },
  }
}

/** Of a whole topic as it stands. Repeats, at or below their source's last cause, do not count. */
export const digestOf = async (log: ReadableLog, topic: TopicName): Promise<TopicDigest> => {
  const digester = topicDigester()
  for (const { partition, startOffset, endOffset } of await log.bounds(topic)) {
    const last = new Map<string, CauseAt>()
    const reader = recordReader()
    for (let at = startOffset; at < endOffset;) {
      const batches = await log.read({ topic, partition, fromOffset: at, maxWaitMs: 1000 })
      reader.open(batches)
      for (let record = reader.next(); record !== null; record = reader.next()) {
        const cause = record.decoded.ok ? causeOf(record.decoded.event) : null
        if (cause !== null && !isAfter(cause.at, last.get(cause.source) ?? beforeAll)) continue
        if (cause !== null) last.set(cause.source, cause.at)
        digester.add(partition, cause?.source ?? 'undecodable', record.key, record.value)
      }
      at = batches.nextOffset
    }
  }
  return digester.digest()
}

const addTo = (hash: Hash, key: Uint8Array | null, value: Uint8Array | null): void => {
  const lengths = Buffer.alloc(8)
  lengths.writeInt32BE(key?.length ?? -1, 0)
  lengths.writeInt32BE(value?.length ?? -1, 4)
  hash.update(lengths)
  if (key !== null) hash.update(key)
  if (value !== null) hash.update(value)
}
