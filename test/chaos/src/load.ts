import type { LoadSaid, LoadSpec } from './loading.ts'
import { startProgram, type Running } from './program.ts'
import { within } from './waiting.ts'

/** A producer that is started again when it was killed, until it is stopped. */
export type Load = {
  readonly acked: () => number
  readonly kill: () => Promise<void>
  /** Lets it finish what it began; throws when it ends in another way. */
  readonly finish: () => Promise<void>
  /** Kills it for good. */
  readonly abandon: () => Promise<void>
}

/** More than all that it may still try. */
const finishMsMax = 150_000

export const startLoad = (spec: LoadSpec): Load => {
  let ackedBefore = 0
  let acked = 0
  let life = 0
  let said: LoadSaid | null = null
  let running: Running
  const begin = (): void => {
    ackedBefore += acked
    acked = 0
    const own = { ...spec, seed: spec.seed + life++ }
    running = startProgram('loading.ts', own, (line) => {
      said = line as LoadSaid
      acked = said.acked
    })
  }
  const abandon = async (): Promise<void> => {
    running.signal('SIGKILL')
    await running.ended
  }
  begin()
  return {
    acked: () => ackedBefore + acked,
    kill: async () => {
      await abandon()
      begin()
    },
    abandon,
    finish: async () => {
      running.signal('SIGTERM')
      if (!(await within(finishMsMax, () => !running.isAlive()))) {
        await abandon()
        throw new Error(
          `the load did not end within ${finishMsMax} ms of SIGTERM: ${JSON.stringify(said)}`,
        )
      }
      const { code, signal, complaint } = await running.ended
      if (code !== 0) throw new Error(`the load ended with ${code ?? signal}: ${complaint}`)
    },
  }
}
