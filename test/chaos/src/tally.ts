import type { Milestone } from '@tidemark/log'

/** How often each fault hit, and how often it had to. */
export type Tally = {
  readonly count: (fault: string) => void
  readonly times: (fault: string) => number
  /** Faults that hit less often than they had to, with both numbers. */
  readonly missing: () => readonly string[]
  /** A line for each fault. */
  readonly table: () => string
}

export const tallyOf = (floors: Readonly<Record<string, number>>): Tally => {
  const counts = new Map<string, number>(Object.keys(floors).map((fault) => [fault, 0]))
  return {
    count: (fault) => {
      counts.set(fault, (counts.get(fault) ?? 0) + 1)
    },
    times: (fault) => counts.get(fault) ?? 0,
    missing: () =>
      Object.entries(floors)
        .filter(([fault, floor]) => counts.get(fault)! < floor)
        .map(([fault, floor]) => `${fault}: ${counts.get(fault)!} of ${floor}`),
    table: () => {
      const width = Math.max(...[...counts.keys()].map(({ length }) => length))
      return [...counts]
        .map(([fault, count]) => {
          const floor = floors[fault]
          const atLeast = floor === undefined ? '' : `  (at least ${floor})`
          return `  ${fault.padEnd(width)} ${String(count).padStart(5)}${atLeast}`
        })
        .join('\n')
    },
  }
}

export const crashFault = (at: Milestone): string => `crash: ${at}`
