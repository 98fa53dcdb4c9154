import { setTimeout } from 'node:timers/promises'
import type { Milestone } from '@tidemark/log'
import type { WorkerSaid, WorkerSpec } from './crashing.ts'
import { startProgram, type Running } from './program.ts'
import { processorNames, type ProcessorName } from './progress.ts'

/** Workers that are started again whenever they end, as a supervisor would. */
export type Fleet = {
  readonly workers: readonly Worker[]
  readonly of: (processor: ProcessorName) => readonly Worker[]
  /** Tasks of all processors, `processor/task`, that nobody committed since then. */
  readonly behind: (sinceMs: number, tasks: TasksOf) => readonly string[]
  /** Stops all, in an orderly way; throws where one cannot. */
  readonly stop: () => Promise<void>
  /** Kills all at once. */
  readonly abandon: () => Promise<void>
}

/** How many tasks each processor has. */
export type TasksOf = Readonly<Record<ProcessorName, number>>

export type Worker = {
  readonly name: string
  readonly processor: ProcessorName
  /** When each task committed last, by the monotonic clock, as far as this worker did it; of this life. */
  readonly commits: () => ReadonlyMap<number, number>
  /** The same of all its lives. */
  readonly lastCommits: () => ReadonlyMap<number, number>
  readonly isAlive: () => boolean
  /** Of its present life; null when it has none. */
  readonly pid: () => number | null
  /** What its `/ready` answers; null where nobody answers. */
  readonly isReady: () => Promise<boolean | null>
  readonly kill: () => Promise<void>
  /** SIGTERM, and no new life until `start`. */
  readonly stop: () => Promise<void>
  readonly start: () => void
  readonly pause: () => void
  readonly resume: () => void
}

/** What becomes of workers. */
export type FleetEvents = {
  /** Asked before every life: the milestone at which it dies; null: at none. */
  readonly nextCrash: (processor: ProcessorName) => WorkerSpec['crash']
  /** One died where it was told to. */
  readonly crashed: (processor: ProcessorName, at: Milestone) => void
  /** One ended by itself with an error, and is started again. */
  readonly gaveUp: (worker: string, complaint: string) => void
  readonly trouble: (worker: string, what: string) => void
}

const againMs = 100
const readyMsMax = 2000
const stopMsMax = 60_000

export const startFleet = (
  specs: readonly Omit<WorkerSpec, 'crash'>[],
  events: FleetEvents,
): Fleet => {
  const workers = specs.map((spec, i) => workerOf(`${spec.processor}-${i}`, spec, events))
  for (const worker of workers) worker.start()
  return {
    workers,
    of: (processor) => workers.filter((worker) => worker.processor === processor),
    behind: (sinceMs, tasks) =>
      processorNames.flatMap((processor) =>
        Array.from({ length: tasks[processor] }, (_, task) => task)
          .filter(
            (task) =>
              !workers.some(
                (worker) =>
                  worker.processor === processor &&
                  (worker.lastCommits().get(task) ?? 0) >= sinceMs,
              ),
          )
          .map((task) => `${processor}/${task}`),
      ),
    stop: async () => {
      await Promise.all(workers.map((worker) => worker.stop()))
    },
    abandon: async () => {
      await Promise.all(workers.map((worker) => worker.abandon()))
    },
  }
}

type OwnWorker = Worker & { readonly abandon: () => Promise<void> }

const workerOf = (
  name: string,
  spec: Omit<WorkerSpec, 'crash'>,
  events: FleetEvents,
): OwnWorker => {
  let isWanted = false
  let isKilled = false
  let running: Running | null = null
  let lives: Promise<void> = Promise.resolve()
  let commits = new Map<number, number>()
  const lastCommits = new Map<number, number>()
  let url: string | null = null

  const hear = (said: WorkerSaid): void => {
    if (said.kind === 'trouble') events.trouble(name, said.what)
    if (said.kind === 'listening') url = said.url
    if (said.kind !== 'committed') return
    commits.set(said.task, performance.now())
    lastCommits.set(said.task, performance.now())
  }

  const live = async (): Promise<void> => {
    while (isWanted) {
      const crash = events.nextCrash(spec.processor)
      commits = new Map()
      url = null
      isKilled = false
      running = startProgram('crashing.ts', { ...spec, crash }, (said) => hear(said as WorkerSaid))
      const { code, signal, complaint } = await running.ended
      if (signal === 'SIGKILL' && !isKilled && crash !== null)
        events.crashed(spec.processor, crash.at)
      else if (code !== 0 && !isKilled && !wasStoppedEarly(signal))
        events.gaveUp(name, `ended with ${code ?? signal}: ${complaint}`)
      if (isWanted) await setTimeout(againMs)
    }
  }
  /** A process that does not hear signals yet, since it is still being loaded, ends by the first one. */
  const wasStoppedEarly = (signal: NodeJS.Signals | null): boolean =>
    signal === 'SIGTERM' && !isWanted && url === null
  const kill = async (): Promise<void> => {
    const victim = running
    isKilled = true
    victim?.signal('SIGKILL')
    await victim?.ended
  }

  return {
    name,
    processor: spec.processor,
    commits: () => commits,
    lastCommits: () => lastCommits,
    isAlive: () => running?.isAlive() ?? false,
    pid: () => (running?.isAlive() === true ? running.pid : null),
    isReady: async () => {
      if (url === null) return null
      try {
        const signal = AbortSignal.timeout(readyMsMax)
        const { status } = await fetch(`${url}/ready`, { signal })
        return status === 200
      } catch {
        return null
      }
    },
    start: () => {
      if (isWanted) return
      isWanted = true
      lives = lives.then(live)
    },
    kill,
    abandon: async () => {
      isWanted = false
      await kill()
      await lives
    },
    stop: async () => {
      isWanted = false
      const over = lives.then(() => 'over' as const)
      running?.signal('SIGTERM')
      const late = new AbortController()
      const tooLong = setTimeout(stopMsMax, 'late' as const, { signal: late.signal })
      tooLong.catch(() => undefined)
      const how = await Promise.race([over, tooLong])
      late.abort()
      if (how === 'over') return
      events.gaveUp(name, `did not stop within ${stopMsMax} ms of SIGTERM`)
      await kill()
    },
    pause: () => running?.signal('SIGSTOP'),
    resume: () => running?.signal('SIGCONT'),
  }
}
