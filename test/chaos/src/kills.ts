import { once } from 'node:events'
import type { ChildProcessWithoutNullStreams } from 'node:child_process'
import { setTimeout } from 'node:timers/promises'
import { startTidemark } from '@tidemark/e2e'
import type { Log } from '@tidemark/log'
import type { Random } from '@tidemark/replay'
import {
  furthestOf,
  isAt,
  nothing,
  processorNames,
  progressOf,
  type ProcessorName,
  type Progress,
} from './progress.ts'

/** A program that is started again whenever it was killed, and the processors that it runs. */
export type Program = {
  readonly args: readonly string[]
  readonly processors: readonly ProcessorName[]
}

export const togetherCatchingUp: readonly Program[] = [
  { args: ['start', '--exit-when-caught-up'], processors: processorNames },
]
export const together: readonly Program[] = [
  { args: ['start', '--no-traffic'], processors: processorNames },
]
export const apart: readonly Program[] = processorNames.map((name) => ({
  args: [name],
  processors: [name],
}))

export type LiveOptions = {
  readonly folder: string
  readonly data: string
  readonly log: Log
  readonly tasks: number
  readonly random: Random
}

export type KillsOptions = LiveOptions & {
  readonly programs: readonly Program[]
  /** What each processor has read in the end. */
  readonly end: Progress
  /** After so many that count, the rest may run undisturbed. */
  readonly countedMax: number
}

export type Kills = {
  /** A kill counts when a processor of the killed program has committed more than at any kill before, and is short of the end. */
  readonly counted: number
  readonly byProcessor: Progress
  readonly uncounted: number
}

const livesMax = 100
/** A program that does not get on for so long is killed as it is: much longer than it takes to start on a busy machine. */
const patienceMs = 30_000
const lookMs = 3

/** Starts programs, kills one of them at a random moment, starts it again, and so on until everything is read. */
export const killUntilTheEnd = async (options: KillsOptions): Promise<Kills> => {
  const { programs, log, tasks, end } = options
  const running = new Map<Program, ChildProcessWithoutNullStreams>()
  const byProcessor = { ...nothing }
  let furthest = nothing
  let counted = 0
  let lives = 0
  try {
    for (; !isAt(end, furthest) && counted < options.countedMax; lives++) {
      if (lives === livesMax)
        throw new Error(
          `${JSON.stringify(furthest)} after ${lives} lives, of ${JSON.stringify(end)}`,
        )
      for (const program of programs)
        if (!isAlive(running.get(program))) running.set(program, startOf(options, program))
      const victim = victimAmong(programs.filter(isShortOf(end, furthest)), byProcessor, options)
      await momentFor(victim, furthest, options)
      await kill(running.get(victim)!)
      const now = await progressOf(log, tasks)
      const moved = victim.processors.filter(
        (name) => now[name] > furthest[name] && now[name] < end[name],
      )
      for (const name of moved) byProcessor[name]++
      if (moved.length > 0) counted++
      furthest = furthestOf(furthest, now)
    }
  } finally {
    await Promise.all([...running.values()].map(kill))
  }
  return { counted, byProcessor, uncounted: lives - counted }
}

/** Half the time the one that was killed least, so that none is spared. */
const victimAmong = (
  candidates: readonly Program[],
  killed: Progress,
  { random }: KillsOptions,
): Program => {
  const times = ({ processors }: Program): number => killed[processors[0]!]
  return random.share() < 0.5
    ? random.pick(candidates)
    : candidates.reduce((least, program) => (times(program) < times(least) ? program : least))
}

/** Kills a program with live traffic, which has no end, so many times; returns how often it got further than before. */
export const killLive = async (options: LiveOptions, times: number): Promise<number> => {
  const { log, tasks, random } = options
  let furthest = await progressOf(log, tasks)
  let moved = 0
  for (let life = 0; life < times; life++) {
    const child = startOf(options, live)
    try {
      await gotFurther(live, furthest, options)
      await setTimeout(random.integer(0, 2500))
    } finally {
      await kill(child)
    }
    const now = await progressOf(log, tasks)
    if (now.aggregator > furthest.aggregator) moved++
    furthest = furthestOf(furthest, now)
  }
  return moved
}

const live: Program = { args: ['start', '--seed', '11'], processors: ['aggregator'] }

const startOf = ({ folder, data }: LiveOptions, { args }: Program) => {
  const child = startTidemark(folder, [...args, '--commit-interval', '10ms', '--data', data])
  // Nobody reads what it prints, and it must not wait for a reader.
  child.stdout.resume()
  child.stderr.resume()
  return child
}

const isAlive = (child: ChildProcessWithoutNullStreams | undefined): boolean =>
  child?.exitCode === null && child.signalCode === null

const isShortOf =
  (end: Progress, furthest: Progress) =>
  ({ processors }: Program): boolean =>
    processors.some((name) => furthest[name] < end[name])

/** Mostly a while after the program has got further than ever; else at any time, be it while it starts or recovers. */
const momentFor = async (
  program: Program,
  furthest: Progress,
  options: LiveOptions,
): Promise<void> => {
  const { random } = options
  if (random.share() < 0.2) return setTimeout(random.integer(0, 900))
  await gotFurther(program, furthest, options)
  return setTimeout(random.integer(0, 60))
}

const gotFurther = async (
  { processors }: Program,
  furthest: Progress,
  { log, tasks }: LiveOptions,
): Promise<void> => {
  const endMs = performance.now() + patienceMs
  while (performance.now() < endMs) {
    const now = await progressOf(log, tasks)
    if (processors.some((name) => now[name] > furthest[name])) return
    await setTimeout(lookMs)
  }
}

const kill = async (child: ChildProcessWithoutNullStreams): Promise<void> => {
  if (!isAlive(child)) return
  const exited = once(child, 'exit')
  child.kill('SIGKILL')
  await exited
}
