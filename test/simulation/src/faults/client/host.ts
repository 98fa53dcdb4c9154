import { LogError, type HostSpec, type RunTask } from '@tidemark/log'
import type { Joined } from '../broker/groups.ts'
import { insist, type ClientParts } from './client.ts'
import { acquireTask } from './session.ts'

/**
 * Takes part in a processor's group until `signal` aborts. On a rebalance all tasks are given back first: their signals abort, they commit
 * and return, with heartbeats going on, and only then does this member join again.
 */
export const hostTasks = async (
  parts: ClientParts,
  spec: HostSpec,
  run: RunTask,
  signal: AbortSignal,
): Promise<void> => {
  const { broker, process } = parts
  const ending = new Map<number, Promise<void>>()
  const finished = new Set<number>()
  const failed = new AbortController()
  const stopped = AbortSignal.any([signal, failed.signal])
  const fail = (error: unknown): void => failed.abort(error)
  let member: string | null = null
  while (!stopped.aborted) {
    const joined: Joined = await insist(process, () =>
      process.request('join', () => broker.groups.join(spec, member, process.name)),
    )
    member = joined.member
    spec.assigned?.(joined.tasks)
    const term = newTerm(process.nowMs() + parts.sessionMs)
    const runs = joined.tasks.map((task) => {
      const before = ending.get(task) ?? Promise.resolve()
      const end = before.then(() => work(parts, spec, task, term, run, finished)).catch(fail)
      ending.set(task, end)
      return end
    })
    const idle = new AbortController()
    void Promise.all(runs).then(() => idle.abort())
    await holdUntilChange(parts, spec, joined, term, stopped)
    spec.assigned?.(null)
    term.stop.abort()
    await giveBack(parts, spec, joined, term, idle.signal)
  }
  // What was fenced may still be on its way to its end.
  await Promise.all(ending.values())
  if (member !== null) await leave(parts, spec, member)
  if (failed.signal.aborted) throw failed.signal.reason
}

/** From one rebalance to the next. */
type Term = { readonly stop: AbortController; isFenced: boolean; safeUntilMs: number }

const newTerm = (safeUntilMs: number): Term => ({
  stop: new AbortController(),
  isFenced: false,
  safeUntilMs,
})

const beatsPerSession = 3

/** Heartbeats until something changes: a rebalance, the end of the membership, a task that failed for good, the signal. */
const holdUntilChange = async (
  parts: ClientParts,
  spec: HostSpec,
  joined: Joined,
  term: Term,
  stopped: AbortSignal,
): Promise<void> => {
  for (;;) {
    await parts.process.sleep(parts.sessionMs / beatsPerSession, stopped)
    if (stopped.aborted) return
    const beat = await heartbeat(parts, spec, joined, term)
    if (beat !== 'good') return
  }
}

/** Lets the tasks commit and return, with heartbeats meanwhile; those that are fenced have nothing more to say. */
const giveBack = async (
  parts: ClientParts,
  spec: HostSpec,
  joined: Joined,
  term: Term,
  idle: AbortSignal,
): Promise<void> => {
  while (!term.isFenced && !idle.aborted) {
    await parts.process.sleep(parts.sessionMs / beatsPerSession, idle)
    if (!idle.aborted) await heartbeat(parts, spec, joined, term)
  }
}

const heartbeat = async (
  { broker, process, sessionMs }: ClientParts,
  { processor }: HostSpec,
  { member, generation }: Joined,
  term: Term,
): Promise<'good' | 'rebalance' | 'lost'> => {
  const sentMs = process.nowMs()
  const beat = await process
    .request('heartbeat', () => broker.groups.beat(processor, member, generation))
    .catch(() => 'silent' as const)
  if (beat === 'good' || beat === 'rebalance') term.safeUntilMs = sentMs + sessionMs
  if (beat === 'lost' || process.nowMs() >= term.safeUntilMs) {
    // Somebody else may own the tasks by now.
    term.isFenced = true
    return 'lost'
  }
  return beat === 'silent' ? 'good' : beat
}

/** Pause before a task that failed is acquired again: doubled each time. */
const againMsFirst = 100
const againMsMax = 5000

/** Acquires a task and runs it, again after errors that may pass, until it is asked to stop. Throws the errors that will not. */
const work = async (
  parts: ClientParts,
  { processor }: HostSpec,
  task: number,
  term: Term,
  run: RunTask,
  finished: Set<number>,
): Promise<void> => {
  const { process } = parts
  const { signal } = term.stop
  const isOurs = (): boolean => !term.isFenced && process.nowMs() < term.safeUntilMs
  for (let failures = 0; !signal.aborted && !finished.has(task); failures++) {
    try {
      const session = await acquireTask(parts, { processor, task }, isOurs, signal)
      if (signal.aborted) return
      await run(session, signal)
      if (!signal.aborted) finished.add(task)
    } catch (error) {
      if (!isRetriable(error)) throw error
      await process.sleep(Math.min(againMsFirst * 2 ** failures, againMsMax), signal)
    }
  }
}

const isRetriable = (error: unknown): boolean =>
  error instanceof Error && 'retriable' in error && error.retriable === true

/** A member that cannot leave is waited for until its session ends. */
const leave = async (
  { broker, process }: ClientParts,
  { processor }: HostSpec,
  member: string,
): Promise<void> => {
  try {
    await process.request('leave', () => broker.groups.leave(processor, member))
  } catch (error) {
    if (!(error instanceof LogError)) throw error
  }
}
