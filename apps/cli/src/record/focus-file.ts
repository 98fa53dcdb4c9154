import { Readable } from 'node:stream'
import { CsvError, parse } from 'csv-parse'
import { UsageError } from '../context.ts'
import {
  focusColumns,
  focusSums,
  type FocusCost,
  type FocusOptions,
  type FocusRow,
} from './focus.ts'

/** A row that was refused, by its line in the file. */
export type BadRow = { readonly line: number; readonly reason: string }

export type FocusFile = {
  readonly rows: number
  readonly bad: number
  readonly costs: readonly FocusCost[]
  readonly faults: readonly string[]
}

const recordBytesMax = 1_000_000

/**
 * Reads a CSV file in FOCUS columns, row by row: memory is bounded by one row and the sums. UsageError where it has no header with the columns
 * that are needed.
 */
export const readFocus = async (
  input: AsyncIterable<Uint8Array>,
  options: FocusOptions,
  refused: (row: BadRow) => void,
): Promise<FocusFile> => {
  const sums = focusSums(options)
  let rows = 0
  let bad = 0
  const refuse = (line: number, reason: string): void => {
    bad++
    refused({ line, reason })
  }
  const parser = parse({
    bom: true,
    info: true,
    columns: (header: readonly string[]) => header.map((name) => name.trim()),
    skip_empty_lines: true,
    relax_column_count: true,
    max_record_size: recordBytesMax,
    skip_records_with_error: true,
    on_skip: (error) => {
      if (error !== undefined) refuse(lineOf(error), error.message)
    },
  })
  let isChecked = false
  const source = Readable.from(input)
  const failed = new Promise<never>((_, reject) => source.once('error', reject))
  source.pipe(parser)
  const read = async (): Promise<void> => {
    for await (const { record, info } of parser as AsyncIterable<ParsedRow>) {
      if (!isChecked) requireColumns(info.columns, options)
      isChecked = true
      const reason = sums.add(record)
      if (reason === null) rows++
      else refuse(info.lines, reason)
    }
  }
  try {
    await Promise.race([read(), failed])
  } catch (error) {
    if (error instanceof CsvError) throw new UsageError(`line ${lineOf(error)}: ${error.message}`)
    throw error
  } finally {
    source.destroy()
    parser.destroy()
  }
  if (!isChecked && bad === 0) throw new UsageError('the file holds no rows under a header')
  return { rows, bad, ...sums.costs() }
}

type ParsedRow = {
  readonly record: FocusRow
  readonly info: { readonly lines: number; readonly columns: readonly { readonly name: string }[] }
}

const requireColumns = (
  columns: readonly { readonly name: string }[],
  options: FocusOptions,
): void => {
  const names = new Set(columns.map(({ name }) => name))
  const missing = focusColumns(options).filter((name) => !names.has(name))
  if (missing.length > 0)
    throw new UsageError(
      `the header lacks ${missing.join(', ')}; it has ${[...names].slice(0, 40).join(', ')}`,
    )
}

const lineOf = (error: CsvError): number => {
  const { lines } = error as { readonly lines?: unknown }
  return typeof lines === 'number' ? lines : 0
}
