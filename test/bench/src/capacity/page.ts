import { short } from '../harness/table.ts'
import { assumptions, capacityOf, capacityOfServices, type Capacity } from './capacity.ts'
import type { Figures, KindFigures, Measured } from './figures.ts'

const begin = '<!-- bench:capacity writes from here -->'
const end = '<!-- to here -->'

/** The page with its tables computed from these figures. */
export const withCapacity = (page: string, figures: Figures): string => {
  const [from, to] = [page.indexOf(begin), page.indexOf(end)]
  if (from < 0 || to < from) throw new Error(`docs/capacity.md has no ${begin} before ${end}`)
  const tables = [
    costTable(figures),
    eventsTable(figures),
    worked(figures.kinds[0]!, workedLoad),
    servicesTable(figures),
  ]
  const text = tables.map((lines) => lines.join('\n')).join('\n\n')
  return `${page.slice(0, from + begin.length)}\n\n${text}\n\n${page.slice(to)}`
}

const loads = [1e6, 1e7, 1e8]
const workedLoad = 1e7

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

/** Whoever reads a figure that nobody took on a quiet machine is told so, in the line where it stands. */
const sourceOf = ({ row, isInReadme }: Measured): string =>
  isInReadme
    ? `row \`${row}\` of the README`
    : `**short runs on a busy machine**: the README has no figure of row \`${row}\` yet`

const counted = 'counted, by tests in `test/bench`'

const costTable = (figures: Figures): string[] =>
  tableOf(
    ['cost', 'figure', 'from'],
    [
      ...figures.kinds.flatMap(({ kind, ...of }) => [
        [
          `CPU of an aggregator, ${kind} event`,
          `${short(of.aggregatorCpuNsPerEvent.value)} ns`,
          sourceOf(of.aggregatorCpuNsPerEvent),
        ],
        [`on the log, ${kind} event`, bytes(of.logBytesPerEvent), counted],
        [`ids to keep, ${kind} event`, short(of.idsPerEvent), 'one each, or one for 1000'],
      ]),
      [
        'CPU of an evaluator, service and window',
        `${short(figures.evaluatorCpuUsPerServiceWindow.value)} us`,
        sourceOf(figures.evaluatorCpuUsPerServiceWindow),
      ],
      [
        'on derived topics, service and window',
        bytes(figures.derivedBytesPerServiceWindow),
        counted,
      ],
      ["evaluator's saved state, service", bytes(figures.evaluatorStateBytesPerService), counted],
      [
        'rows in the store, service and window',
        short(figures.storeRowsPerServiceWindow),
        'with three operations and health checks',
      ],
    ],
  )

const rowsOfEvents: readonly (readonly [string, (of: Capacity) => string])[] = [
  ['cores of aggregators at work', ({ cores }) => short(Math.ceil(cores * 10) / 10)],
  ['**aggregator processes**', ({ processes }) => `**${processes}**`],
  ['**partitions of requests**', ({ partitions }) => `**${partitions}**`],
  ['memory of a process', ({ processBytes }) => bytes(processBytes)],
  ['from producers, a second', ({ bytesPerSecond }) => bytes(bytesPerSecond)],
  [
    'to each aggregator, a second',
    ({ bytesPerSecond, processes }) => bytes(bytesPerSecond / processes),
  ],
  ['into all brokers, a second', ({ clusterBytesInPerSecond }) => bytes(clusterBytesInPerSecond)],
  [
    'out of all brokers, a second',
    ({ clusterBytesOutPerSecond }) => bytes(clusterBytesOutPerSecond),
  ],
  ['brokers for these bytes', ({ brokersForBytes }) => String(brokersForBytes)],
  ['disk of all brokers, for 7 days', ({ diskBytes }) => bytes(diskBytes)],
  ['brokers for this disk', ({ brokersForDisk }) => String(brokersForDisk)],
  ['**brokers**', ({ brokers }) => `**${brokers}**`],
  [
    'into each broker, a second',
    ({ clusterBytesInPerSecond, brokers }) => bytes(clusterBytesInPerSecond / brokers),
  ],
  [
    'requests for commits, of all brokers, a second',
    ({ commitRequestsPerSecond }) => short(commitRequestsPerSecond),
  ],
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

/** One column of the table above, number by number. */
const worked = (figures: KindFigures, eventsPerSecond: number): string[] => {
  const of = capacityOf(figures, eventsPerSecond)
  const { utilisation, replicas, retentionDays, brokerBytesInPerSecond, brokerDiskBytes } =
    assumptions
  const load = `${short(eventsPerSecond)} events/s`
  return [
    `The column of ${short(eventsPerSecond)}/s ${of.kind}, in numbers:`,
    '',
    `- ${load} x ${short(figures.aggregatorCpuNsPerEvent.value)} ns = ${short(of.cores)} cores; / ${utilisation} of a core each = **${of.processes} processes**`,
    `- partitions: 4 x ${of.processes} = ${4 * of.processes} for the processes, ${load} x ${short(figures.idsPerEvent)} id / 100,000 = ${short((eventsPerSecond * figures.idsPerEvent) / 1e5)} for the ids; the next power of two is **${of.partitions}**`,
    `- network: ${load} x ${bytes(figures.logBytesPerEvent)} = ${bytes(of.bytesPerSecond)}/s from producers; x ${replicas} replicas = ${bytes(of.clusterBytesInPerSecond)}/s into all brokers; / ${bytes(brokerBytesInPerSecond)}/s = ${of.brokersForBytes} brokers`,
    `- disk: ${bytes(of.clusterBytesInPerSecond)}/s x 86,400 s x ${retentionDays} days = ${bytes(of.diskBytes)}; / ${bytes(brokerDiskBytes)} = ${of.brokersForDisk} brokers, so **${of.brokers} brokers** with ${bytes(of.diskBytes / of.brokers)} each`,
    `- a process dies: ${seconds(assumptions.sessionMs)} of session + ${seconds(assumptions.sessionMs / 6)} of heartbeat + ${seconds(of.restoreMs)} of restoring = ${seconds(of.takeoverMs)} without a commit; / (1 - ${short(of.cores / (of.processes - 1))} of a core in use) = caught up after ${seconds(of.caughtUpMs)}`,
  ]
}

const servicesTable = (figures: Figures): string[] =>
  tableOf(
    [
      'services',
      'evaluators, cores',
      'derived topics, a second',
      'state',
      'its checkpoints, a second',
      'rows into the store, a second',
    ],
    [1000, 10_000, 100_000].map((services) => {
      const of = capacityOfServices(figures, services)
      return [
        short(services),
        short(of.evaluatorCores),
        bytes(assumptions.replicas * of.derivedBytesPerSecond),
        bytes(of.checkpointBytes),
        bytes(assumptions.replicas * of.checkpointBytesPerSecond),
        short(of.storeRowsPerSecond),
      ]
    }),
  )
