import { closeSync, existsSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs'
import type { PublishableEvent } from '@tidemark/client'

/**
 * What a producer asked for and what it was told, written down before and after: `attempt` before an event is handed to the publisher, then
 * one of the others. An attempt without an outcome is one whose producer died.
 */
export type JournalLine =
  | { readonly kind: 'attempt'; readonly id: string; readonly event: PublishableEvent }
  | {
      readonly kind: 'acked'
      readonly id: string
      readonly topic: string
      readonly partition: number
      readonly offset: number
    }
  /** Refused before it was sent: never in the log. */
  | { readonly kind: 'refused'; readonly id: string; readonly code: string }
  /** It may be in the log or not. */
  | { readonly kind: 'unknown'; readonly id: string; readonly code: string }

export type Journal = {
  readonly add: (line: JournalLine) => void
  /** Makes durable what was added. */
  readonly sync: () => void
  readonly close: () => void
}

export const openJournal = (file: string): Journal => {
  const target = openSync(file, 'a')
  // A line that a kill cut short ends here.
  let waiting = '\n'
  const sync = (): void => {
    if (waiting === '') return
    writeSync(target, waiting)
    waiting = ''
    fsyncSync(target)
  }
  return {
    add: (line) => {
      waiting += `${JSON.stringify(line)}\n`
    },
    sync,
    close: () => {
      sync()
      closeSync(target)
    },
  }
}

/** All whole lines; none where there is no file. */
export const readJournal = (file: string): readonly JournalLine[] => {
  if (!existsSync(file)) return []
  return readFileSync(file, 'utf8').split('\n').flatMap(parsed)
}

const parsed = (line: string): readonly JournalLine[] => {
  if (line === '') return []
  try {
    return [JSON.parse(line) as JournalLine]
  } catch {
    // Cut short by a kill: nothing that followed from it was done.
    return []
  }
}

/** The events of attempts that nobody knows the outcome of. */
export const undecided = (lines: readonly JournalLine[]): readonly PublishableEvent[] => {
  const open = new Map<string, PublishableEvent>()
  const decided = new Set<string>()
  for (const line of lines)
    if (line.kind === 'attempt') open.set(line.id, line.event)
    else if (line.kind !== 'unknown') decided.add(line.id)
  return [...open].filter(([id]) => !decided.has(id)).map(([, event]) => event)
}
