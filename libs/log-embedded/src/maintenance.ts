import { LogFullError } from '@tidemark/log'
import type { Offset } from '@tidemark/model'
import { compactStep, dirtyStretch } from './compaction.ts'
import type { Database } from './database.ts'
import { keptPartitions, removeExpired, removeOldest, type KeptPartition } from './retention.ts'
import type { Store } from './store.ts'

/** What one pass of maintenance did. */
export type Maintained = {
  readonly batchesRemoved: number
  readonly partitionsCompacted: number
  readonly pagesFreed: number
}

/** At most one pass begins in this time, by whichever process hosts tasks. */
const passIntervalMs = 60_000
/** Pages given back to the file system in one step; and the share of free pages that is left for what comes. */
const vacuumPagesMax = 1000
const freePagesMin = 256
const freeShareMax = 0.25
/** Share of the size limit that is freed at a time. */
const roomShare = 1 / 64

/** Begins a pass unless one began within the last minute, here or in another process. */
export const maintainWhenDue = async (
  store: Store,
  signal: AbortSignal,
): Promise<Maintained | null> => {
  const nowMs = store.settings.clock()
  const isDue = await store.queue.write(
    () =>
      store.database.run(
        // A start in the future is one from before the clock was put back.
        'update maintenance set started_ms = ? where started_ms not between ? and ?',
        ...[nowMs, nowMs - passIntervalMs + 1, nowMs],
      ) > 0,
  )
  return isDue ? maintain(store, signal) : null
}

/**
 * Removes what is past its retention and, above the size limit, the oldest that nobody needs; compacts; gives free space back to the
 * file system. In steps of one bounded transaction each, between which other writers get their turn; stops between two of them
 * when `signal` aborts.
 */
export const maintain = async (store: Store, signal: AbortSignal): Promise<Maintained> => {
  const { database, queue, settings } = store
  let batchesRemoved = 0
  let partitionsCompacted = 0
  for (const kept of database.snapshot(() => keptPartitions(database))) {
    if (signal.aborted) break
    batchesRemoved += await untilNone(signal, () =>
      queue.write(() => removeExpired(database, kept, settings.clock())),
    )
    if (await compact(store, kept, signal)) partitionsCompacted++
  }
  batchesRemoved += await untilNone(signal, () =>
    queue.write(() => removeOldest(database, () => fits(store, 0))),
  )
  const pagesFreed = await untilNone(signal, () => queue.write(() => vacuum(database)))
  return { batchesRemoved, partitionsCompacted, pagesFreed }
}

/** Makes room for `bytes` more, or refuses: LogFullError. Within a transaction. */
export const requireRoom = (store: Store, bytes: number): void => {
  if (fits(store, bytes)) return
  // Some more than is asked for, so that not every append at the limit has to look for the oldest batches.
  const spare = (store.settings.bytesMax ?? 0) * roomShare
  removeOldest(store.database, () => fits(store, bytes + spare))
  if (!fits(store, bytes))
    throw new LogFullError(
      `${store.database.file}: at its limit of ${store.settings.bytesMax} bytes, and everything in it is still needed`,
    )
}

const fits = ({ database, settings: { bytesMax } }: Store, bytes: number): boolean =>
  bytesMax === null || bytesInUse(database) + bytes <= bytesMax

const bytesInUse = (database: Database): number =>
  (pragma(database, 'page_count') - pragma(database, 'freelist_count')) *
  pragma(database, 'page_size')

const pragma = (database: Database, name: 'page_count' | 'freelist_count' | 'page_size'): number =>
  Number(database.first(`pragma ${name}`)?.[name])

const compact = async (
  { database, queue }: Store,
  kept: KeptPartition,
  signal: AbortSignal,
): Promise<boolean> => {
  const latest = database.snapshot(() => dirtyStretch(database, kept))
  if (latest === null) return false
  let next: Offset | null = 0 as Offset
  while (next !== null && !signal.aborted) {
    const from: Offset = next
    next = await queue.write(() => compactStep(database, kept, latest, from))
  }
  return true
}

/** Free pages are used again; only what is far more than that goes back to the file system. */
const vacuum = (database: Database): number => {
  const free = pragma(database, 'freelist_count')
  const spare = Math.max(freePagesMin, pragma(database, 'page_count') * freeShareMax)
  if (free <= spare) return 0
  database.run(`pragma incremental_vacuum(${vacuumPagesMax})`)
  return free - pragma(database, 'freelist_count')
}

/** Sum of what the steps did, until one finds nothing to do or the signal aborts. */
const untilNone = async (signal: AbortSignal, step: () => Promise<number>): Promise<number> => {
  let sum = 0
  while (!signal.aborted) {
    const done = await step()
    if (done === 0) break
    sum += done
  }
  return sum
}
