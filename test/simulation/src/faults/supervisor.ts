import type { Chronicle } from './chronicle.ts'
import type { Process, ProcessSettings } from './client/process.ts'
import { startProcess } from './client/process.ts'
import type { Draws } from './random.ts'
import type { Scheduler } from './scheduler.ts'

export type Program = (process: Process, signal: AbortSignal) => Promise<void>

/** Keeps a program going: one that crashed, or ended by an error, is started again a while later. */
export type Supervised = {
  readonly name: string
  /** Resolves when it has returned, by itself or because it was told to. */
  readonly stop: () => Promise<void>
  readonly isDone: () => boolean
}

export type SupervisorParts = Pick<ProcessSettings, 'wallMs' | 'fateOf'> & {
  readonly time: Scheduler
  readonly chronicle: Chronicle
  readonly draw: Draws
}

export const supervise = (
  { time, chronicle, draw, ...settings }: SupervisorParts,
  name: string,
  program: Program,
): Supervised => {
  let lives = 0
  let isStopping = false
  let isDone = false
  let stop = new AbortController()
  let told = (): void => undefined
  const done = (): void => {
    isDone = true
    told()
  }
  const beginLater = (): void => {
    if (isStopping) done()
    else time.at(time.nowMs() + draw.between(50, 7000), begin)
  }
  const begin = (): void => {
    if (isStopping) {
      done()
      return
    }
    stop = new AbortController()
    const process = startProcess({
      ...settings,
      ...{ time, name: `${name}.${lives++}`, crashed: beginLater },
    })
    program(process, stop.signal).then(done, (error: unknown) => {
      if (!process.isAlive()) return
      chronicle.exits.push({ process: process.name, error, at: time.moment() })
      // Nothing that it left under way goes on.
      process.crash()
    })
  }
  begin()
  return {
    name,
    isDone: () => isDone,
    stop: () =>
      new Promise((resolve) => {
        told = resolve
        isStopping = true
        stop.abort()
        if (isDone) resolve()
      }),
  }
}
