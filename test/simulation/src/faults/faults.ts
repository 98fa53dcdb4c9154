import type { Milestone } from '@tidemark/log'
import type { Partition } from './broker/partition.ts'
import type { Chronicle } from './chronicle.ts'
import type { Cut } from './client/client.ts'
import type { Fate, Process, RequestKind } from './client/process.ts'
import type { FaultClass } from './fault-classes.ts'
import type { Plan } from './plan.ts'
import { draws } from './random.ts'
import type { Scheduler } from './scheduler.ts'

/** Decides when faults strike, and notes each. */
export type Faults = {
  /** Whether a fault of this class strikes at an occasion where it does so with this probability at most. */
  readonly strikes: (fault: FaultClass, probability: number) => boolean
  readonly fateOf: (process: Process, kind: RequestKind) => Fate
  readonly crashesAt: (milestone: Milestone) => boolean
  readonly markerDelayMs: (partition: Partition) => number
  readonly cutPoll: <T>(wants: readonly T[], bytesMax: number) => Cut<T>
  readonly isActive: () => boolean
}

/** Requests of a commit and of an acquisition: what exactly-once rests on, and so where faults are most worth while. */
const delicate: ReadonlySet<RequestKind> = new Set([
  'initialise',
  'restore',
  'produce',
  'end-transaction',
])
/** Requests whose client may send them again without knowing of the first one. */
const repeatable: ReadonlySet<RequestKind> = new Set([
  'publish',
  'produce',
  'end-transaction',
  'heartbeat',
  'tick',
])

/** Milestones that a run passes a few times only. */
const rare: ReadonlySet<Milestone> = new Set([
  'restoring',
  'snapshotting',
  'rows-written',
  'rows-committed',
])

/** A quarter of the time nothing happens; then things happen that a fault every second would hide. */
const spanMs = 3000

export const faultsOf = (plan: Plan, time: Scheduler, chronicle: Chronicle): Faults => {
  const draw = draws(plan.seed, 'faults')
  const quietDraw = draws(plan.seed, 'quiet')
  const quiet = Array.from({ length: 64 }, () => quietDraw.chance(0.25))
  const isActive = (): boolean => {
    const nowMs = time.nowMs()
    if (nowMs < plan.faultsFromMs || nowMs >= plan.faultsUntilMs) return false
    return quiet[Math.floor((nowMs - plan.startMs) / spanMs) % quiet.length] === false
  }
  const strikes = (fault: FaultClass, probability: number): boolean => {
    const rate = plan.rates[fault]
    if (rate === 0 || !isActive() || !draw.chance(rate * probability)) return false
    chronicle.strike(fault)
    return true
  }
  /** Late, but over before the load is. */
  const afterMs = (low: number, high: number): number => {
    const leftMs = plan.loadUntilMs - time.nowMs() - 2000
    return Math.max(low, Math.min(draw.between(low, high), leftMs))
  }

  const fateOf: Faults['fateOf'] = (_process, kind) => {
    const sentMs = draw.between(1, 4)
    const fine: Fate = { effectsMs: [sentMs], answerMs: 0, then: null }
    if (!isActive()) return fine
    const weight = delicate.has(kind) ? 3 : 1
    if (strikes('crash-before-effect', 0.002 * weight))
      return { effectsMs: [], answerMs: null, then: { kind: 'crash' } }
    if (strikes('crash-after-effect', 0.002 * weight)) return { ...fine, then: { kind: 'crash' } }
    if (strikes('pause', 0.0012 * weight))
      return { ...fine, then: { kind: 'pause', ms: afterMs(500, 25_000) } }
    // A database knows no such thing: its statements and their answers go over one connection.
    if (kind === 'store') return fine
    if (strikes('request-lost', 0.01 * weight)) return { ...fine, effectsMs: [], answerMs: null }
    if (strikes('answer-lost', 0.01 * weight)) return { ...fine, answerMs: null }
    if (strikes('request-late', 0.004 * weight))
      return { effectsMs: [2000 + afterMs(100, 14_000)], answerMs: null, then: null }
    if (strikes('answer-late', 0.02)) return { ...fine, answerMs: draw.between(20, 1500) }
    if (repeatable.has(kind) && strikes('request-twice', 0.03))
      return { ...fine, effectsMs: [sentMs, sentMs + draw.between(1, 400)] }
    return fine
  }

  return {
    strikes,
    fateOf,
    isActive,
    crashesAt: (milestone) => strikes('crash-at-milestone', rare.has(milestone) ? 0.05 : 0.004),
    markerDelayMs: () => (strikes('marker-late', 0.25) ? afterMs(20, 3000) : 0),
    cutPoll: (wants, bytesMax) => {
      if (!strikes('small-polls', 0.4)) return { wants, bytesMax }
      const turn = draw.between(0, Math.max(0, wants.length - 1))
      const turned = [...wants.slice(turn), ...wants.slice(0, turn)]
      const some = turned.slice(0, draw.between(1, Math.max(1, wants.length)))
      return { wants: some, bytesMax: draw.pick([1, 150, 400, 1500, bytesMax]) }
    },
  }
}
