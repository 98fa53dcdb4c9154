import { UnavailableError, type Entry, type Log } from '@tidemark/log'
import type { TopicName } from '@tidemark/model'

export type FlakyLog = {
  readonly log: Log
  /** What each append was given, those that failed included. */
  readonly appends: readonly Append[]
  /** The next so many appends fail: before anything is written, or after all of it is. */
  readonly failNext: (count: number, when: 'before' | 'after', error?: Error) => void
  /** Appends wait until the returned function is called. */
  readonly hold: () => () => void
  /** The largest number of appends to one partition that were under way at once. */
  readonly mostAtOnce: () => number
}

export type Append = {
  readonly topic: TopicName
  readonly partition: number
  readonly entries: readonly Entry[]
}

/** A log whose publishers fail or hang when told. */
export const flakyLog = (log: Log): FlakyLog => {
  const appends: Append[] = []
  const underWay = new Map<string, number>()
  let most = 0
  let failing: { left: number; readonly when: 'before' | 'after'; readonly error: Error } | null =
    null
  let held: Promise<void> | null = null
  const failure = (when: 'before' | 'after'): Error | null => {
    if (failing?.when !== when || failing.left === 0) return null
    failing.left--
    return failing.error
  }
  return {
    log: {
      ...log,
      publisher: async (options) => {
        const sender = await log.publisher(options)
        return {
          ...sender,
          append: async (topic, partition, entries) => {
            const name = `${topic}/${partition}`
            const count = (underWay.get(name) ?? 0) + 1
            underWay.set(name, count)
            most = Math.max(most, count)
            appends.push({ topic, partition, entries })
            try {
              await held
              const before = failure('before')
              if (before !== null) throw before
              const appended = await sender.append(topic, partition, entries)
              const after = failure('after')
              if (after !== null) throw after
              return appended
            } finally {
              underWay.set(name, underWay.get(name)! - 1)
            }
          },
        }
      },
    },
    appends,
    failNext: (left, when, error = new UnavailableError('no answer')) => {
      failing = { left, when, error }
    },
    hold: () => {
      let release = (): void => undefined
      held = new Promise((resolve) => (release = resolve))
      return () => {
        held = null
        release()
      }
    },
    mostAtOnce: () => most,
  }
}
