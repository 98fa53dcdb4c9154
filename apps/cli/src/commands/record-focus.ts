import { readFile } from 'node:fs/promises'
import type { CostRecorded } from '@tidemark/model'
import { UsageError, type CommandContext, type ExitCode } from '../context.ts'
import { counted } from '../counted.ts'
import { readFocus, type FocusFile } from '../record/focus-file.ts'
import type { FocusOptions } from '../record/focus.ts'
import { saidBy, type Saying } from '../record/saying.ts'
import { opened, sayAll, tellBad, type RecordOptions } from './record.ts'

export type FocusCommandOptions = RecordOptions & {
  readonly csv: string
  readonly column: 'effective' | 'billed'
  readonly map?: readonly string[]
  readonly serviceMap?: string
  readonly serviceColumn: string
  readonly skipBad?: boolean
}

/** Bad lines that are named; more are counted. */
const namedMax = 1000

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
