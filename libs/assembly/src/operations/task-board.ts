import type { EngineEvent } from '@tidemark/engine'
import type { Want } from '@tidemark/log'
import type { Checkpoint, SourcePosition } from '@tidemark/model'

/** The tasks of a process as the engine tells of them. */
export type TaskBoard = {
  readonly note: (event: EngineEvent) => void
  /** In the order in which they were first acquired. */
  readonly tasks: () => readonly TaskView[]
}

export type TaskView = {
  readonly processor: string
  readonly task: number
  readonly state: TaskPhase
  /** What it waits for that no source brings; null: for nothing. */
  readonly waitsFor: string | null
  /** Positions as committed: what was read since is not finished. */
  readonly sources: readonly SourcePosition[]
  readonly checkpoint: Checkpoint | null
  /** Rises with a commit further on than ever, with more read again in a restore than ever, and with a failure. */
  readonly progress: number
}

/** `failed`: ended with an error, and not acquired again yet. */
export const taskPhases = ['opening', 'restoring', 'running', 'failed'] as const
export type TaskPhase = (typeof taskPhases)[number]

type Entry = { -readonly [K in keyof TaskView]: TaskView[K] } & {
  /** The furthest that each source was committed, or read in a restore, in this process. */
  readonly committed: Map<string, number>
  readonly restored: Map<string, number>
}

export const taskBoard = (): TaskBoard => {
  const entries = new Map<string, Entry>()
  const entryOf = ({ processor, task }: EngineEvent): Entry => {
    const name = taskName({ processor, task })
    const known = entries.get(name) ?? {
      processor,
      task,
      ...{ state: 'opening' as const, waitsFor: null, sources: [], checkpoint: null, progress: 0 },
      ...{ committed: new Map<string, number>(), restored: new Map<string, number>() },
    }
    entries.set(name, known)
    return known
  }
  return {
    tasks: () => [...entries.values()],
    note: (event) => {
      const entry = entryOf(event)
      switch (event.kind) {
        case 'opening':
          entry.state = 'opening'
          entry.waitsFor = null
          return
        case 'acquired':
          entry.state = 'restoring'
          entry.sources = furthest(event.sources, event.through)
          return
        case 'restored':
          entry.state = 'running'
          if (isFurther(entry.restored, event.sources)) entry.progress++
          return
        case 'waiting':
          entry.waitsFor = event.reason
          return
        case 'resumed':
          entry.waitsFor = null
          return
        case 'polled':
          entry.sources = withHeld(entry.sources, event.sources)
          if (entry.state === 'restoring' && isFurther(entry.restored, event.sources))
            entry.progress++
          return
        case 'committed':
          entry.sources = furthest(event.sources, entry.sources)
          entry.checkpoint = event.checkpoint
          if (isFurther(entry.committed, event.sources)) entry.progress++
          return
        case 'failed':
          // The log waits and has it acquired again: that is trouble, but nothing that hangs.
          entry.state = 'failed'
          entry.waitsFor = null
          entry.progress++
          return
        case 'released':
        case 'moved':
          entries.delete(taskName(event))
      }
    },
  }
}

export const taskName = ({
  processor,
  task,
}: {
  readonly processor: string
  readonly task: number
}): string => `${processor}/${task}`

/** Sources at the further of two positions: what is read again was committed already. */
const furthest = (
  sources: readonly SourcePosition[],
  others: readonly Want[],
): readonly SourcePosition[] =>
  sources.map((source) => {
    const other = others.find(({ topic }) => topic === source.topic)
    return other === undefined || other.position <= source.position
      ? source
      : { ...source, position: other.position }
  })

const withHeld = (
  sources: readonly SourcePosition[],
  now: readonly SourcePosition[],
): readonly SourcePosition[] =>
  sources.map((source) => ({
    ...source,
    held: now.find(({ topic }) => topic === source.topic)?.held ?? source.held,
  }))

/** Whether a source is further than ever before; notes it. */
const isFurther = (furthest: Map<string, number>, sources: readonly Want[]): boolean => {
  let found = false
  for (const { topic, position } of sources) {
    if (position <= (furthest.get(topic) ?? -1)) continue
    furthest.set(topic, position)
    found = true
  }
  return found
}
