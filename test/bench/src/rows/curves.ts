import { foldInTurn, partitionsOf, type Partitions } from '../folding-in-turn.ts'
import { randomOf } from '../harness/random.ts'
import type { Answer, Opened, Promised, Row, Setting } from '../harness/row.ts'
import { short } from '../harness/table.ts'

// Whether an event costs the same however many services, partitions and events there are: the fold and the encoding of what it puts out, from
// memory to closed windows; and how much of that the closed rows are, of which more services have more.

const eventsPerSecond = 100_000
/** A window of the default layout: what a cycle holds. */
const eventsOfCycle = 10 * eventsPerSecond
const usual = { partitions: 1, services: 1000 }

const prepared = ({ seed, note }: Setting, { partitions, services }: typeof usual): Partitions => {
  note(`preparing ${services} services in ${partitions} partitions`)
  return partitionsOf({
    ...{ random: randomOf(seed), partitions, services, eventsPerSecond, eventsOfCycle },
  })
}

const opened = (sides: Opened['sides'], of: string): Opened => ({
  conditions: `${of}; single events with ids, ${short(eventsPerSecond)} of them a second of event time, from memory to encoded windows`,
  sides,
})

const flat = { goal: { atMost: 1.5 } } as const

const promisesOf = (points: readonly number[]): readonly Promised[] => {
  const sides = points.map(short)
  return [
    ...sides.map((side) => ({ what: 'ns of CPU an event', side, figure: 'cpuNsPerEvent' })),
    ...sides.map((side) => ({
      ...{ what: 'CPU an event', side, figure: 'cpuNsPerEvent', against: sides },
      ...flat,
    })),
    // With few events to a row, rows are the work: what an event takes without them, and what a row does.
    ...sides.map((side) => ({
      ...{ what: 'CPU an event without closed rows', side, figure: 'eventCpuNs', against: sides },
    })),
    ...sides.map((side) => ({ what: 'us of CPU a closed row', side, figure: 'rowCpuUs' })),
  ]
}

const barMax = 40

/** The medians as bars from 0. */
const drawn =
  (of: string) =>
  ({ sides }: Answer): readonly string[] => {
    const points = Object.entries(sides)
    const most = Math.max(...points.map(([, { cpuNsPerEvent }]) => cpuNsPerEvent!.median))
    return [
      `| ${of} | ns of CPU an event | without closed rows | us a closed row | |`,
      '| ---: | ---: | ---: | ---: | :--- |',
      ...points.map(([name, { cpuNsPerEvent, eventCpuNs, rowCpuUs }]) => {
        const bar = '█'.repeat(Math.max(1, Math.round((barMax * cpuNsPerEvent!.median) / most)))
        const figures = [cpuNsPerEvent!, eventCpuNs!, rowCpuUs!].map(({ median }) => short(median))
        return `| ${[name, ...figures, bar].join(' | ')} |`
      }),
    ]
  }

const services = [10, 100, 1000, 10_000]

export const curveServices: Row = {
  name: 'curve-services',
  title: 'Cost of an event, from 10 to 10,000 services',
  promises: promisesOf(services),
  table: drawn('services'),
  open: async (setting) =>
    opened(
      services.map((of) => {
        const input = prepared(setting, { ...usual, services: of })
        return {
          name: short(of),
          run: () => foldInTurn(input, 3 * eventsOfCycle * setting.scale),
        }
      }),
      `${short(3 * eventsOfCycle * setting.scale)} events in one partition`,
    ),
}

const partitions = [1, 4, 16, 64]

export const curvePartitions: Row = {
  name: 'curve-partitions',
  title: 'Cost of an event, from 1 to 64 partitions in one process',
  promises: promisesOf(partitions),
  table: drawn('partitions'),
  open: async (setting) =>
    opened(
      partitions.map((of) => {
        const input = prepared(setting, { partitions: of, services: 1024 })
        return {
          name: short(of),
          run: () => foldInTurn(input, 3 * eventsOfCycle * setting.scale),
        }
      }),
      `${short(3 * eventsOfCycle * setting.scale)} events of 1024 services`,
    ),
}

const events = [1_000_000, 10_000_000, 100_000_000]
/** Points above it take a minute each. */
const longFrom = 10_000_000
const longMax = 2

export const curveEvents: Row = {
  name: 'curve-events',
  title: 'Cost of an event, from 1 M to 100 M events',
  promises: promisesOf(events),
  table: drawn('events'),
  open: async (setting) => {
    const input = prepared(setting, usual)
    // The code is warm then, which takes less than the largest side once more.
    await foldInTurn(input, events[0]! * setting.scale)
    const sides = events.map((of) => ({
      name: short(of),
      run: () => foldInTurn(input, of * setting.scale),
      ...(of > longFrom && { repetitionsMax: longMax }),
    }))
    const conditions = `${usual.services} services in one partition, the largest point ${longMax} times`
    return { ...opened(sides, conditions), warmUps: 0 }
  },
}
