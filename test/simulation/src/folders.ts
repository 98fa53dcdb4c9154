import { createHash } from 'node:crypto'
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { layoutRecord, recordReader } from '@tidemark/codec'
import type { Log } from '@tidemark/log'
import { openEmbeddedLog } from '@tidemark/log-embedded'
import type { Layout, TopicName } from '@tidemark/model'
import { virtualEntries } from '@tidemark/simulator'
import type { Traffic } from '@tidemark/traffic'

/** Data folders that are gone after the test file. */
export const temporaryFolders = () => {
  const root = mkdtempSync(join(tmpdir(), 'tidemark-'))
  let count = 0
  return {
    empty: () => join(root, `${count++}`),
    copyOf: (folder: string): string => {
      const copy = join(root, `${count++}`)
      cpSync(folder, copy, { recursive: true })
      return copy
    },
    remove: () => {
      rmSync(root, { recursive: true })
    },
  }
}

/** Opens the log of a folder for as long as the work takes. */
export const withFolder = async <T>(folder: string, work: (log: Log) => Promise<T>): Promise<T> => {
  const log = await openEmbeddedLog({ folder })
  try {
    return await work(log)
  } finally {
    await log.close()
  }
}

/** Traffic, if any, as a producer-stamped log. */
export const fill = (folder: string, layout: Layout, traffic: Traffic | null): Promise<void> =>
  withFolder(folder, async (log) => {
    await log.provision(layout, layoutRecord(layout))
    const publisher = await log.publisher()
    const appends: Promise<unknown>[] = []
    for (const { topic, partition, entry } of traffic === null
      ? []
      : virtualEntries(traffic, layout))
      appends.push(publisher.append(topic, partition, [entry]))
    await Promise.all(appends)
    await publisher.close()
  })

/**
 * Digests of keys and values, by topic, partition and source: how sources interleave in a partition is free. Nothing is left out, so a record
 * that is there twice shows.
 */
export const digestsOf = async (
  log: Log,
  topics: readonly TopicName[],
): Promise<Readonly<Record<string, string>>> => {
  const digests = new Map<string, { hash: ReturnType<typeof createHash>; records: number }>()
  for (const topic of topics)
    for (const { partition, startOffset, endOffset } of await log.bounds(topic)) {
      const reader = recordReader()
      for (let fromOffset = startOffset; fromOffset < endOffset;) {
        const batches = await log.read({ topic, partition, fromOffset })
        reader.open(batches)
        for (let record = reader.next(); record !== null; record = reader.next()) {
          const { key, value, decoded } = record
          if (!decoded.ok) throw new Error(`${topic}/${partition}: ${decoded.detail}`)
          const { event } = decoded
          const source = 'cause' in event && 'topic' in event.cause ? event.cause.topic : ''
          const name = `${topic}/${partition} ${source}`
          const digest = digests.get(name) ?? { hash: createHash('sha256'), records: 0 }
          digests.set(name, digest)
          digest.hash.update(`${key?.length ?? -1} ${value?.length ?? -1} `)
          digest.hash.update(key ?? '').update(value ?? '')
          digest.records++
        }
        fromOffset = batches.nextOffset
      }
    }
  return Object.fromEntries(
    [...digests]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, { hash, records }]) => [name, `${records} ${hash.digest('hex')}`]),
  )
}
