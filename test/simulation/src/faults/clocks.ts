import type { Plan } from './plan.ts'
import { draws } from './random.ts'
import type { Scheduler } from './scheduler.ts'

/** Clocks of machines, which are off and jump. None of them is simulated time, and nothing but stamps may depend on them. */
export type Clocks = {
  readonly brokerMs: () => number
  readonly machineMs: (machine: string) => number
  /** Sets a machine's clock off by so much. */
  readonly set: (machine: string, byMs: number) => void
  readonly setBroker: (byMs: number) => void
  readonly machines: () => readonly string[]
}

/** Producers' clocks are nearly right unless they jump: their events would all be late otherwise. */
const producerSkewMsMax = 800

export const clocksOf = ({ seed, skewMs }: Plan, time: Scheduler): Clocks => {
  const draw = draws(seed, 'clocks')
  const byMachine = new Map<string, number>()
  let brokerByMs = 0
  const offBy = (machine: string): number => {
    const known = byMachine.get(machine)
    if (known !== undefined) return known
    const mostMs = machine.startsWith('producer') ? producerSkewMsMax : Math.abs(skewMs)
    const byMs = draw.between(-mostMs, mostMs)
    byMachine.set(machine, byMs)
    return byMs
  }
  return {
    brokerMs: () => time.nowMs() + brokerByMs,
    machineMs: (machine) => time.nowMs() + offBy(machine),
    set: (machine, byMs) => void byMachine.set(machine, byMs),
    setBroker: (byMs) => {
      brokerByMs = byMs
    },
    machines: () => [...byMachine.keys()],
  }
}
