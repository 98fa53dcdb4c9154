import { UnavailableError } from '@tidemark/log'
import type { Database } from './database.ts'
import type { Settings } from './options.ts'
import { sleep } from './sleep.ts'

/**
 * Everything that writes goes through here. What waits at the same time shares a transaction, so that many small writes cost one flush
 * to the disk; each is in a savepoint of its own, so that one that fails takes back what it did and nothing else. How much may wait
 * is bounded by those who write: one commit for each task, one round for each host, appends by the publishers' limits.
 */
export type WriteQueue = {
  /** Resolves with what `work` returned, when it is durable. `changed` names what is to be told to those who wait for it. */
  readonly write: <T>(work: Work<T>, options?: WriteOptions) => Promise<T>
  /** Resolves when nothing waits any more. */
  readonly idle: () => Promise<void>
}

export type Work<T> = (changed: (name: string) => void) => T

export type WriteOptions = {
  /** About how much is written: a transaction takes so much and no more. */
  readonly bytes?: number
  /** How long it may wait for its turn. */
  readonly timeoutMs?: number
}

/** One transaction takes at most so many pieces of work, and no further one above so many bytes: others get their turn. */
const groupMax = 256
const groupBytesMax = 8 * 1024 * 1024
/** Between two tries while another process writes, at random so that processes do not come in step. */
const retryMsMax = 20

type Job = {
  readonly work: Work<unknown>
  readonly bytes: number
  readonly endMs: number
  readonly resolve: (value: unknown) => void
  readonly reject: (error: unknown) => void
}

type Outcome =
  | { readonly ok: true; readonly value: unknown; readonly changed: readonly string[] }
  | { readonly ok: false; readonly error: unknown }

export const writeQueue = (
  database: Database,
  { timeoutMs, monotonicMs }: Settings,
  notify: (names: Iterable<string>) => void,
): WriteQueue => {
  let waiting: Job[] = []
  let draining: Promise<void> | null = null

  const writeGroup = (): boolean => {
    const group = takeGroup(waiting)
    try {
      if (!database.begin()) return false
      waiting = waiting.slice(group.length)
    } catch (error) {
      waiting = waiting.slice(group.length)
      for (const { reject } of group) reject(error)
      return true
    }
    settle(group, writeAll(database, group), notify)
    return true
  }

  const refuseOverdue = (): void => {
    const nowMs = monotonicMs()
    waiting = waiting.filter(({ endMs, reject }) => {
      if (nowMs <= endMs) return true
      reject(new UnavailableError(`${database.file}: other writers were busy for too long`))
      return false
    })
  }

  const drain = async (): Promise<void> => {
    while (waiting.length > 0) {
      // What is asked for in this turn of the event loop joins the transaction.
      await new Promise((resolve) => setImmediate(resolve))
      if (waiting.length === 0 || writeGroup()) continue
      refuseOverdue()
      await sleep(1 + Math.random() * retryMsMax)
    }
    draining = null
  }

  return {
    write: (work, options = {}) =>
      new Promise((resolve, reject) => {
        const endMs = monotonicMs() + (options.timeoutMs ?? timeoutMs)
        const settled = resolve as (value: unknown) => void
        waiting.push({ work, bytes: options.bytes ?? 0, endMs, resolve: settled, reject })
        draining ??= drain()
      }),
    idle: async () => {
      while (draining !== null) await draining
    },
  }
}

const takeGroup = (waiting: readonly Job[]): readonly Job[] => {
  let count = 0
  for (let bytes = 0; count < Math.min(waiting.length, groupMax); count++) {
    bytes += waiting[count]!.bytes
    if (count > 0 && bytes > groupBytesMax) break
  }
  return waiting.slice(0, count)
}

/** Runs the group's work and commits it. When the transaction as a whole fails, all of it has failed. */
const writeAll = (database: Database, group: readonly Job[]): readonly Outcome[] => {
  try {
    const outcomes = group.map((job) => attempt(database, job))
    database.run('commit')
    return outcomes
  } catch (error) {
    giveUp(database)
    return group.map(() => ({ ok: false, error }))
  }
}

/** Those who wait hear why the transaction failed. Where not even a rollback works, every later one fails to begin, and says so. */
const giveUp = (database: Database): void => {
  try {
    if (database.isInTransaction()) database.run('rollback')
  } catch {
    // Told by the next.
  }
}

const attempt = (database: Database, { work }: Job): Outcome => {
  const changed: string[] = []
  database.run('savepoint job')
  try {
    const value = work((name) => changed.push(name))
    database.run('release job')
    return { ok: true, value, changed }
  } catch (error) {
    if (!database.isInTransaction()) throw error
    database.run('rollback to job')
    database.run('release job')
    return { ok: false, error }
  }
}

const settle = (
  group: readonly Job[],
  outcomes: readonly Outcome[],
  notify: (names: Iterable<string>) => void,
): void => {
  const changed = new Set<string>()
  for (const [i, { resolve, reject }] of group.entries()) {
    const outcome = outcomes[i]!
    if (outcome.ok) {
      for (const name of outcome.changed) changed.add(name)
      resolve(outcome.value)
    } else reject(outcome.error)
  }
  if (changed.size > 0) notify(changed)
}
