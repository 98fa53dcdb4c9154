import { join } from 'node:path'
import { foldWithout } from '../costs/fold-without.ts'
import { leftOuts, type LeftOut } from '../costs/left-out.ts'
import { storeWorkload } from '../costs/stored-workload.ts'
import { randomOf } from '../harness/random.ts'
import type { Promised, Row, Side } from '../harness/row.ts'
import { short } from '../harness/table.ts'
import { eventBatches, singleEvents } from '../workload.ts'

// What each thing costs that the fold does beyond counting: the fold with everything, less the fold with all but that one thing, over the same
// bytes. What was left out, and nothing else, is missing in what came out.

const kinds = ['single', 'batched'] as const
const parts = leftOuts.filter((it) => it !== 'nothing')

const nameOf = (kind: string, leftOut: LeftOut): string =>
  leftOut === 'nothing' ? `${kind}, everything` : `${kind} without ${leftOut}`

export const costs: Row = {
  name: 'costs',
  title: 'What identity, operations, ledger, evidence and checksum cost',
  promises: kinds.flatMap((kind) => [
    { what: 'ns of CPU an event', side: nameOf(kind, 'nothing'), figure: 'cpuNsPerEvent' },
    ...parts.map((part): Promised => ({
      ...{ what: 'ns of CPU an event', side: nameOf(kind, 'nothing'), figure: 'cpuNsPerEvent' },
      above: nameOf(kind, part),
    })),
  ]),
  open: ({ folder, scale, seed }) => {
    const random = randomOf(seed)
    const singles = 300_000 * scale
    const batched = 5 * singles
    // Three windows, as an aggregator of a partition meets them.
    const shape = { random, services: 50 }
    const workloads = {
      single: singleEvents({ ...shape, events: singles, eventsPerSecond: singles / 30 }),
      batched: eventBatches({ ...shape, events: batched, eventsPerSecond: batched / 30 }),
    }
    for (const kind of kinds) storeWorkload(join(folder, kind), workloads[kind])
    const sides = kinds.flatMap((kind) =>
      leftOuts.map((leftOut): Side => ({
        name: nameOf(kind, leftOut),
        run: () => foldWithout(leftOut, join(folder, kind), workloads[kind].events),
      })),
    )
    return Promise.resolve({
      conditions: `the fold from memory, ${short(singles)} single events of 50 services and three operations in three windows, ${short(batched)} in batches of 1000; a process of its own each, warm; identity is left out by its limit of 0 ids a window, checksums by not comparing them, the rest by loading the fold's sources without it, in the bench only`,
      sides,
      // Each process warms itself.
      warmUps: 0,
    })
  },
}
