import { LayoutError, openLog, provision } from '@tidemark/assembly'
import {
  compareUtf8,
  defaultLayout,
  defaultLimits,
  defaultServiceFields,
  layoutId,
  limitNames,
  limitRanges,
  type Layout,
  type Limits,
  type RegisteredService,
} from '@tidemark/model'
import { parseDurationMs } from '@tidemark/runtime'
import {
  faultLines,
  loadConfigurationFile,
  soundConfiguration,
} from '../configuration/configuration-file.ts'
import { optionOfLimit } from '../limit-options.ts'
import { addressIn, withLog } from '../open.ts'
import {
  UsageError,
  type CommandContext,
  type ExitCode,
  type JsonOptions,
  type LogOptions,
} from '../context.ts'
import { tableLines } from '../table.ts'

export type ProvisionOptions = LogOptions & {
  readonly partitions?: string
  readonly timestamps?: string
  readonly window?: string
  readonly grace?: string
  readonly register?: string
  /** A file. */
  readonly config?: string
  /** NAME=VALUE, each. */
  readonly limit?: readonly string[]
  readonly json?: boolean
}

/** Creates the topics and fixes the layout; says so when they are there already. */
export const topicsProvision = async (
  options: ProvisionOptions,
  { terminal }: CommandContext,
): Promise<ExitCode> => {
  const address = addressIn(options)
  const bare = layoutIn(options, address.kind === 'kafka' ? address.prefix : '')
  const layout = options.config === undefined ? bare : await configured(bare, options, terminal)
  const log = await openLog(address)
  try {
    const outcome = await provision(log, layout)
    const id = layoutId(layout)
    if (options.json === true) terminal.out(JSON.stringify({ outcome, layoutId: id, layout }))
    else
      terminal.out(
        `${outcome}: ${layout.partitions} partitions, timestamps by ${layout.timestamps}, layout ${id}`,
      )
    return 0
  } finally {
    await log.close()
  }
}

/** With the configuration of a file; what lint warns of is told. */
const configured = async (
  layout: Layout,
  { config = '', register }: ProvisionOptions,
  terminal: CommandContext['terminal'],
): Promise<Layout> => {
  if (register !== undefined)
    throw new UsageError('--register: with --config, services are named in the file')
  const loaded = await loadConfigurationFile(config, { layout })
  const configuration = soundConfiguration(loaded)
  for (const line of faultLines(loaded)) terminal.err(line)
  return { ...layout, configuration }
}

/** The default layout with what the options change. */
const layoutIn = (options: ProvisionOptions, prefix: string): Layout => {
  const { partitions, timestamps, window, grace, register } = options
  if (timestamps !== undefined && timestamps !== 'broker' && timestamps !== 'producer')
    throw new UsageError(
      `--timestamps: ${JSON.stringify(timestamps)} is neither broker nor producer`,
    )
  if (partitions !== undefined && !/^\d{1,4}$/.test(partitions))
    throw new UsageError(
      `--partitions: ${JSON.stringify(partitions)} is not an integer of 1 to 1024`,
    )
  return {
    ...defaultLayout,
    prefix,
    ...(partitions !== undefined && { partitions: Number(partitions) }),
    ...(timestamps !== undefined && { timestamps }),
    ...(window !== undefined && { windowUs: durationUs('--window', window) }),
    ...(grace !== undefined && { graceUs: durationUs('--grace', grace) }),
    limits: limitsIn(options.limit ?? []),
    configuration: { ...defaultLayout.configuration, services: registered(register) },
  }
}

/** The default limits with what `--limit NAME=VALUE` changes; whether the values are allowed is the layout's matter. */
const limitsIn = (texts: readonly string[]): Limits => {
  const limits: { -readonly [Name in keyof Limits]: number } = { ...defaultLimits }
  for (const text of texts) {
    const [, option, value] = /^([a-z-]+)=(\d{1,15})$/.exec(text) ?? []
    const name = limitNames.find((known) => optionOfLimit(known) === option)
    if (name === undefined)
      throw new UsageError(
        `--limit: ${JSON.stringify(text)} is not NAME=INTEGER with a name of ${limitNames.map(optionOfLimit).join(', ')}`,
      )
    limits[name] = Number(value)
  }
  return limits
}

const durationUs = (option: string, text: string): number => {
  try {
    return parseDurationMs(text) * 1000
  } catch (error) {
    throw new LayoutError(`${option}: ${error instanceof Error ? error.message : String(error)}`)
  }
}

/** `checkout,cart:shop`: names, each with its team if it has one. */
const registered = (list: string | undefined): readonly RegisteredService[] =>
  (list ?? '')
    .split(',')
    .filter((item) => item !== '')
    .map((item) => {
      const [service = '', team = null] = item.split(':')
      return { ...defaultServiceFields, service, team }
    })
    .sort((a, b) => compareUtf8(a.service, b.service))

/** What is provisioned: the layout and each topic with its settings and ends. */
export const topicsDescribe = (
  options: JsonOptions,
  { terminal }: CommandContext,
): Promise<ExitCode> =>
  withLog<ExitCode>(options, null, async ({ log, layout }) => {
    const topics = await log.describe()
    if (options.json === true) {
      for (const topic of topics) terminal.out(JSON.stringify(topic))
      return 0
    }
    const seconds = (us: number): string => `${us / 1_000_000} s`
    terminal.out(
      `layout ${layoutId(layout)}: ${layout.partitions} partitions, windows of ${seconds(layout.windowUs)}, grace ${seconds(layout.graceUs)}, timestamps by ${layout.timestamps}`,
    )
    for (const line of tableLines(columns, topics)) terminal.out(line)
    terminal.out('')
    for (const line of tableLines(limitColumns, limitRows(layout))) terminal.out(line)
    return 0
  })

const limitRows = ({ limits }: Layout) =>
  limitNames.map((name) => ({
    name: optionOfLimit(name),
    value: limits[name],
    what: limitRanges[name].what,
  }))

type LimitRow = ReturnType<typeof limitRows>[number]

const limitColumns = [
  { title: 'limit', text: ({ name }: LimitRow) => name },
  { title: 'value', align: 'right', text: ({ value }: LimitRow) => String(value) },
  { title: 'of', text: ({ what }: LimitRow) => what },
] as const

type Topic = Awaited<
  ReturnType<Parameters<Parameters<typeof withLog>[2]>[0]['log']['describe']>
>[number]

const columns = [
  { title: 'topic', text: ({ name }: Topic) => name },
  { title: 'partitions', align: 'right', text: ({ partitions }: Topic) => String(partitions) },
  { title: 'stamped by', text: ({ timestamps }: Topic) => timestamps },
  { title: 'cleanup', text: ({ cleanup }: Topic) => cleanup },
  {
    title: 'retention',
    text: ({ retentionMs }: Topic) =>
      retentionMs < 0 ? 'for ever' : `${retentionMs / 86_400_000} days`,
  },
  {
    title: 'kept offsets, by partition',
    text: ({ bounds }: Topic) =>
      bounds.map(({ startOffset, endOffset }) => `${startOffset}-${endOffset}`).join(' '),
  },
] as const
