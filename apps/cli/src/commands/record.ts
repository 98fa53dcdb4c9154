import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { parseFactLine } from '@tidemark/codec'
import type { ServiceFact } from '@tidemark/model'
import { UsageError, type CommandContext, type ExitCode } from '../context.ts'
import { counted } from '../counted.ts'
import { integerIn } from '../integers.ts'
import { linesOf, untilAborted } from '../publish/lines.ts'
import { factLine } from '../record/fact-text.ts'
import type { BadRow } from '../record/focus-file.ts'
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
export const sayAll = (
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

export const opened = async (file: string): Promise<AsyncIterable<Uint8Array>> => {
  try {
    await (await open(file)).close()
  } catch (error) {
    throw new UsageError(`${file}: ${error instanceof Error ? error.message : String(error)}`)
  }
  return createReadStream(file) as AsyncIterable<Uint8Array>
}

export const tellBad = (
  { line, reason }: BadRow,
  options: RecordOptions,
  { terminal }: CommandContext,
): void => {
  terminal.err(options.json === true ? JSON.stringify({ line, reason }) : `line ${line}: ${reason}`)
}
