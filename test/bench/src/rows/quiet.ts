import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { cpuMsOf, residentBytesMaxOf } from '../harness/measured.ts'
import { randomOf } from '../harness/random.ts'
import type { Row, Run, Side } from '../harness/row.ts'
import { lightLoad } from '../light-load.ts'
import { checkCounted, provisioned } from '../provisioned.ts'
import { startStandalone, type Standalone } from '../standalone.ts'

// What `tidemark start` costs while next to nothing happens: its process as the system sees it, and nothing of the load's.

const services = 5
const settleMs = 20_000
const sampleMs = 15_000

const sampled = async ({ pid }: Standalone, ms: number): Promise<Run> => {
  const [startMs, startCpuMs] = [performance.now(), cpuMsOf(pid)]
  await setTimeout(ms)
  const wallMs = performance.now() - startMs
  const cpuMs = cpuMsOf(pid) - startCpuMs
  return { wallMs, cpuMs, cpuShare: cpuMs / wallMs, residentBytesMax: residentBytesMaxOf(pid) }
}

export const quiet: Row = {
  name: 'quiet',
  title: 'Quiet system, everything in one process',
  promises: ['five services', 'no input'].flatMap((side) => [
    { what: 'share of a core', side, figure: 'cpuShare', goal: { atMost: 0.03 } },
    { what: 'resident bytes', side, figure: 'residentBytesMax', goal: { atMost: 200_000_000 } },
  ]),
  open: async ({ folder, scale, seed, note }) => {
    const [loaded, idle] = [join(folder, 'loaded'), join(folder, 'idle')]
    for (const each of [loaded, idle]) await provisioned(each)
    const systems = [loaded, idle].map((each) => startStandalone(each, ['--no-traffic']))
    const load = await lightLoad(loaded, services, randomOf(seed))
    note(`the systems settle for ${settleMs / 1000} s`)
    await setTimeout(settleMs)
    const side = (name: string, system: Standalone): Side => ({
      name,
      run: () => sampled(system, sampleMs * scale),
    })
    return {
      conditions: `tidemark start --no-traffic from source, 4 partitions, a tick a second in quiet ones; ${services} services with a request a second and a check every 10 s each, and none at all; samples of ${(sampleMs * scale) / 1000} s from /proc`,
      sides: [side('five services', systems[0]!), side('no input', systems[1]!)],
      warmUps: 0,
      close: async () => {
        const events = await load.stop()
        for (const system of systems) await system.stop()
        await checkCounted(loaded, events)
      },
    }
  },
}
