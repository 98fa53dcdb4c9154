import type { Moment } from './run.ts'

/**
 * Simulated time. Nothing waits by any other means, so time passes only when everybody waits: between two actions every promise that can
 * go on has gone on.
 */
export type Scheduler = {
  readonly nowMs: () => number
  /** Now, told apart from every other moment. */
  readonly moment: () => Moment
  readonly at: (atMs: number, action: () => void) => void
  /** Takes the next action; false when there is none. */
  readonly step: () => boolean
  /** Takes actions, with promises run to their end before each, until the condition holds. */
  readonly run: (isDone: () => boolean) => Promise<void>
}

type Action = { readonly atMs: number; readonly order: number; readonly action: () => void }

export const scheduler = (startMs: number): Scheduler => {
  const heap: Action[] = []
  let nowMs = startMs
  let scheduled = 0
  let moments = 0
  const step = (): boolean => {
    const next = takeFirst(heap)
    if (next === null) return false
    nowMs = Math.max(nowMs, next.atMs)
    next.action()
    return true
  }
  return {
    nowMs: () => nowMs,
    moment: () => ({ atMs: nowMs, order: moments++ }),
    at: (atMs, action) => {
      put(heap, { atMs, order: scheduled++, action })
    },
    step,
    run: (isDone) =>
      new Promise((resolve, reject) => {
        // One action a turn of the event loop: its promises run to their end before the next turn.
        const turn = (): void => {
          try {
            if (isDone()) resolve()
            else if (step()) setImmediate(turn)
            else reject(new Error(`simulation: at ${nowMs} ms everybody waits for ever`))
          } catch (error) {
            reject(error instanceof Error ? error : new Error(String(error)))
          }
        }
        setImmediate(turn)
      }),
  }
}

const isBefore = (a: Action, b: Action): boolean =>
  a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order)

const put = (heap: Action[], action: Action): void => {
  let at = heap.length
  heap.push(action)
  while (at > 0) {
    const parent = (at - 1) >>> 1
    if (!isBefore(action, heap[parent]!)) break
    heap[at] = heap[parent]!
    at = parent
  }
  heap[at] = action
}

const takeFirst = (heap: Action[]): Action | null => {
  const first = heap[0]
  const last = heap.pop()
  if (first === undefined || last === undefined) return null
  if (heap.length === 0) return first
  let at = 0
  for (;;) {
    let child = 2 * at + 1
    if (child >= heap.length) break
    if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child++
    if (!isBefore(heap[child]!, last)) break
    heap[at] = heap[child]!
    at = child
  }
  heap[at] = last
  return first
}
