import { short } from '../harness/table.ts'
import { assumptions, capacityOf, capacityOfServices, type Capacity } from './capacity.ts'
import type { Figures } from './figures.ts'

const begin = '<!-- bench:capacity writes from here -->'
const end = '<!-- to here -->'

/** The page with its tables computed from these figures. */
export const withCapacity = (page: string, figures: Figures): string => {
  const [from, to] = [page.indexOf(begin), page.indexOf(end)]
  if (from < 0 || to < from) throw new Error(`docs/capacity.md has no ${begin} before ${end}`)
  const tables = [costTable(figures), eventsTable(figures), servicesTable(figures)]
  const text = tables.map((lines) => lines.join('\n')).join('\n\n')
  return `${page.slice(0, from + begin.length)}\n\n${text}\n\n${page.slice(to)}`
}

const loads = [1e6, 1e7, 1e8]

const lineOf = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
const tableOf = (head: readonly string[], rows: readonly (readonly string[])[]): string[] => [
  lineOf(head),
  lineOf(head.map((_, i) => (i === 0 ? '---' : '--:'))),
  ...rows.map(lineOf),
]

const bytes = (count: number): string => {
  const units = ['B', 'KB', 'MB', 'GB', 'TB', 'PB']
  const at = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, count)) / 3))
  return `${Number((count / 1000 ** at).toPrecision(3))} ${units[at]!}`
}
const seconds = (ms: number): string => `${Number((ms / 1000).toPrecision(3))} s`

const costTable = ({ kinds }: Figures): string[] =>
  tableOf(
    ['events', 'aggregator, CPU-ns', 'bytes on the log', 'ids'],
    kinds.map(({ kind, aggregatorCpuNsPerEvent, logBytesPerEvent, idsPerEvent }) => [
      ...[kind, short(aggregatorCpuNsPerEvent), short(logBytesPerEvent), short(idsPerEvent)],
    ]),
  )

const rowsOfEvents: readonly (readonly [string, (of: Capacity) => string])[] = [
  ['cores of aggregators at work', ({ cores }) => short(Math.ceil(cores * 10) / 10)],
  ['aggregator processes', ({ processes }) => String(processes)],
  ['partitions of requests', ({ partitions }) => String(partitions)],
  ['memory of a process', ({ processBytes }) => bytes(processBytes)],
  ['into the log, a second', ({ bytesPerSecond }) => bytes(bytesPerSecond)],
  ['into all brokers, a second', ({ clusterBytesInPerSecond }) => bytes(clusterBytesInPerSecond)],
  [
    'out of all brokers, a second',
    ({ clusterBytesOutPerSecond }) => bytes(clusterBytesOutPerSecond),
  ],
  ['brokers', ({ brokers }) => String(brokers)],
  ['disk of all brokers', ({ diskBytes }) => bytes(diskBytes)],
  ['restored after a takeover in', ({ restoreMs }) => seconds(restoreMs)],
  ['nothing committed for, when a process dies', ({ takeoverMs }) => seconds(takeoverMs)],
  ['caught up after', ({ caughtUpMs }) => seconds(caughtUpMs)],
]

const eventsTable = ({ kinds }: Figures): string[] => {
  const columns = kinds.flatMap((kind) => loads.map((load) => capacityOf(kind, load)))
  return tableOf(
    ['', ...columns.map(({ kind, eventsPerSecond }) => `${short(eventsPerSecond)}/s ${kind}`)],
    rowsOfEvents.map(([what, of]) => [what, ...columns.map(of)]),
  )
}

const servicesTable = (figures: Figures): string[] =>
  tableOf(
    [
      'services',
      'evaluators, cores',
      'derived topics, a second',
      'state',
      'its checkpoints, a second',
    ],
    [1000, 10_000, 100_000].map((services) => {
      const of = capacityOfServices(figures, services)
      return [
        short(services),
        short(of.evaluatorCores),
        bytes(assumptions.replicas * of.derivedBytesPerSecond),
        bytes(of.checkpointBytes),
        bytes(assumptions.replicas * of.checkpointBytesPerSecond),
      ]
    }),
  )
