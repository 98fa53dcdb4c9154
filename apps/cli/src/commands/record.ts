import { createReadStream } from 'node:fs'
import { open, readFile } from 'node:fs/promises'
import { parseFactLine } from '@tidemark/codec'
import type { CostRecorded, ServiceFact } from '@tidemark/model'
import { UsageError, type CommandContext, type ExitCode } from '../context.ts'
import { counted } from '../counted.ts'
import { integerIn } from '../integers.ts'
import { linesOf, untilAborted } from '../publish/lines.ts'
import { factLine } from '../record/fact-text.ts'
import { readFocus, type BadRow, type FocusFile } from '../record/focus-file.ts'
import type { FocusOptions } from '../record/focus.ts'
import { onSaying, saidBy, say, type Saying, type SayingOptions } from '../record/saying.ts'

export type RecordOptions = SayingOptions & { readonly dryRun?: boolean }

/** One fact, from the flags of a command: the fields of its line. */
export const recordOne = (
  type: string,
  fields: Readonly<Record<string, string | undefined>>,
  options: RecordOptions,
  context: CommandContext,
): Promise<ExitCode> => recordLines([{ type, ...fields }], options, context)

const recordLines = async (
  lines: readonly object[],
  options: RecordOptions,
  context: CommandContext,
): Promise<ExitCode> => {
  const said = saidBy(options)
  const factsAt = ({ nowUs, drawId }: Pick<Saying, 'nowUs' | 'drawId'>): readonly ServiceFact[] =>
    lines.map((line) => {
      const text = JSON.stringify({ ...line, ...(said.note !== null && { note: said.note }) })
      const parsed = parseFactLine(text, { nowUs, by: said.by, drawId: () => drawId(text) })
      if (!parsed.ok) throw new UsageError(parsed.reason)
      return parsed.fact
    })
  return sayAll(factsAt, options, context)
}

/** Says what is made of now and here; with --dry-run only shows it. */
const sayAll = (
  factsAt: (saying: Pick<Saying, 'nowUs' | 'drawId'>) => readonly ServiceFact[],
  options: RecordOptions,
  context: CommandContext,
): Promise<ExitCode> => {
  if (options.dryRun === true) {
    const facts = factsAt({ nowUs: Date.now() * 1000, drawId: () => noId })
    for (const fact of facts)
      context.terminal.out(options.json === true ? JSON.stringify(fact) : factLine(fact))
    return Promise.resolve(0)
  }
  return onSaying<ExitCode>(options, async (saying) => {
    await say(saying, factsAt(saying), options, context)
    return 0
  })
}

const noId = '00000000-0000-4000-8000-000000000000'

export type IncidentOptions = RecordOptions & {
  readonly service: string
  readonly incident: string
  readonly opened?: string
  readonly closed?: string
  readonly alert?: string
}

/** An incident that began, ended, or both. */
export const recordIncident = (
  { service, incident, opened, closed, alert, ...options }: IncidentOptions,
  context: CommandContext,
): Promise<ExitCode> => {
  if (opened === undefined && closed === undefined)
    throw new UsageError('record incident: say when, with --opened, --closed or both')
  if (alert !== undefined && opened === undefined)
    throw new UsageError('--alert goes with --opened: it says which alert the incident is of')
  return recordLines(
    [
      ...(opened === undefined
        ? []
        : [{ type: 'incident-opened', service, incident, at: opened, alert }]),
      ...(closed === undefined ? [] : [{ type: 'incident-closed', service, incident, at: closed }]),
    ],
    options,
    context,
  )
}

export type CorrectionOptions = RecordOptions & {
  readonly service?: string
  readonly slo?: string
  readonly at?: string
  readonly valid: string
  readonly bad: string
}

/** Counts are integers, which the text of an option is not yet. */
export const recordCorrection = (
  { service, slo, at, valid, bad, ...options }: CorrectionOptions,
  context: CommandContext,
): Promise<ExitCode> =>
  recordLines(
    [
      {
        ...{ type: 'correction', service, slo, at },
        valid: integerIn('--valid', valid, -countMax, countMax),
        bad: integerIn('--bad', bad, -countMax, countMax),
      },
    ],
    options,
    context,
  )

const countMax = 999_999_999_999_999

/** Facts that are published at a time. */
const piece = 1000

/** Facts of all kinds from NDJSON. Bad lines are reported with their number and do not stop the rest. */
export const recordFacts = async (
  file: string | undefined,
  options: RecordOptions,
  context: CommandContext,
): Promise<ExitCode> => {
  const { terminal, signal } = context
  const input = file === undefined || file === '-' ? terminal.stdin : await opened(file)
  const { by } = saidBy(options)
  let recorded = 0
  let bad = 0
  const read = async (
    { nowUs, drawId }: Pick<Saying, 'nowUs' | 'drawId'>,
    put: (facts: readonly ServiceFact[]) => Promise<void>,
  ): Promise<void> => {
    let facts: ServiceFact[] = []
    const settle = async (): Promise<void> => {
      await put(facts)
      recorded += facts.length
      facts = []
    }
    for await (const lines of linesOf(untilAborted(input, signal))) {
      if (signal.aborted) break
      for (const line of lines) {
        if (line.ok && line.text.trim() === '') continue
        const parsed = line.ok
          ? parseFactLine(line.text, { nowUs, by, drawId: () => drawId(line.text) })
          : line
        if (parsed.ok && 'fact' in parsed) facts.push(parsed.fact)
        else if (!parsed.ok) {
          bad++
          tellBad({ line: line.number, reason: parsed.reason }, options, context)
        }
        if (facts.length >= piece) await settle()
      }
    }
    await settle()
  }
  if (options.dryRun === true)
    await read({ nowUs: Date.now() * 1000, drawId: () => noId }, () => Promise.resolve())
  else
    await onSaying(options, (saying) =>
      read(saying, (facts) => say(saying, facts, { ...options, json: true }, silent(context))),
    )
  const what = options.dryRun === true ? 'valid fact' : 'fact'
  terminal.out(
    options.json === true
      ? JSON.stringify({ recorded: options.dryRun === true ? 0 : recorded, valid: recorded, bad })
      : `${options.dryRun === true ? '' : 'recorded '}${counted(recorded, what)}, ${counted(bad, 'bad line')}`,
  )
  return bad > 0 ? 1 : 0
}

/** Of many facts the sum is told, not each. */
const silent = (context: CommandContext): CommandContext => ({
  ...context,
  terminal: { ...context.terminal, out: () => undefined },
})

const opened = async (file: string): Promise<AsyncIterable<Uint8Array>> => {
  try {
    await (await open(file)).close()
  } catch (error) {
    throw new UsageError(`${file}: ${error instanceof Error ? error.message : String(error)}`)
  }
  return createReadStream(file) as AsyncIterable<Uint8Array>
}

/** Bad lines that are named; more are counted. */
const namedMax = 1000

const tellBad = (
  { line, reason }: BadRow,
  options: RecordOptions,
  { terminal }: CommandContext,
): void => {
  terminal.err(options.json === true ? JSON.stringify({ line, reason }) : `line ${line}: ${reason}`)
}

export type FocusCommandOptions = RecordOptions & {
  readonly csv: string
  readonly column: 'effective' | 'billed'
  readonly map?: readonly string[]
  readonly serviceMap?: string
  readonly serviceColumn: string
  readonly skipBad?: boolean
}

/** Costs from a file in FOCUS columns. A sum that lacks rows would be wrong, so bad rows keep all of it from being recorded. */
export const recordFocus = async (
  options: FocusCommandOptions,
  context: CommandContext,
): Promise<ExitCode> => {
  const { terminal } = context
  const said = saidBy(options)
  const focus: FocusOptions = {
    column: options.column,
    serviceColumn: options.serviceColumn,
    services: await serviceMap(options),
  }
  const input = options.csv === '-' ? terminal.stdin : await opened(options.csv)
  let named = 0
  const file = await readFocus(input, focus, (row) => {
    if (++named <= namedMax) tellBad(row, options, context)
  })
  if (named > namedMax) terminal.err(`... and ${named - namedMax} more bad rows`)
  for (const fault of file.faults) terminal.err(fault)
  const isWhole = file.bad === 0 && file.faults.length === 0
  if (!isWhole && options.skipBad !== true) {
    terminal.err(
      `nothing was recorded: ${counted(file.bad, 'bad row')}; mend them, or record the others with --skip-bad`,
    )
    return 1
  }
  await sayAll((saying) => costFacts(file, said, saying), options, context)
  if (options.json !== true)
    terminal.out(
      `${counted(file.costs.length, 'cost')} from ${counted(file.rows, 'row')}, ${counted(file.bad, 'bad row')}`,
    )
  return isWhole ? 0 : 1
}

const costFacts = (
  { costs }: FocusFile,
  said: { readonly by: string | null; readonly note: string | null },
  { nowUs, drawId }: Pick<Saying, 'nowUs' | 'drawId'>,
): readonly CostRecorded[] =>
  costs.map((cost) => ({
    type: 'CostRecorded',
    id: drawId(JSON.stringify(cost)),
    atUs: nowUs,
    ...said,
    ...cost,
  }))

/** From `--map NAME=SERVICE` and from a file that holds an object of them. */
const serviceMap = async ({
  map = [],
  serviceMap: file,
}: FocusCommandOptions): Promise<ReadonlyMap<string, string>> => {
  const services = new Map<string, string>()
  if (file !== undefined)
    for (const [name, service] of Object.entries(await objectIn(file))) services.set(name, service)
  for (const pair of map) {
    const at = pair.lastIndexOf('=')
    if (at < 1 || at === pair.length - 1)
      throw new UsageError(`--map: ${JSON.stringify(pair)} is not NAME=SERVICE`)
    services.set(pair.slice(0, at), pair.slice(at + 1))
  }
  return services
}

const objectIn = async (file: string): Promise<Record<string, string>> => {
  const wrong = (why: string) => new UsageError(`--service-map ${file}: ${why}`)
  let value: unknown
  try {
    value = JSON.parse(await readFile(file, 'utf8'))
  } catch (error) {
    throw wrong(error instanceof Error ? error.message : String(error))
  }
  const isMap =
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    Object.values(value).every((service) => typeof service === 'string')
  if (!isMap) throw wrong('not an object of names and services, {"Amazon EC2": "checkout"}')
  return value as Record<string, string>
}
