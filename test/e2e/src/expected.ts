import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { repository } from './tidemark.ts'

/** What the generator, which shares no code with the project, says must come of its events. */
export type Expected = {
  readonly lines: number
  readonly events: number
  readonly partitions: readonly ExpectedLedger[]
  readonly flushMs: number
  readonly malformed: readonly { readonly line: number; readonly reason: string }[]
  readonly windows: readonly ExpectedWindow[]
}

export type ExpectedLedger = {
  readonly topic: string
  readonly partition: number
  readonly events: number
  readonly aggregated: number
  readonly late: number
  readonly duplicate: number
  readonly future: number
}

export type ExpectedCounts = {
  readonly total: number
  readonly failed: number
  readonly statuses: Readonly<Record<string, number>>
  readonly overRange: number
  readonly latencyUs: Readonly<Record<'p50' | 'p95' | 'p99' | 'p999' | 'max', number>>
}

export type ExpectedWindow = {
  readonly service: string
  readonly startUs: number
  readonly endUs: number
} & (
  | ({
      readonly source: 'requests'
      readonly operations: readonly (ExpectedCounts & { readonly operation: string })[]
    } & ExpectedCounts)
  | { readonly source: 'health-checks'; readonly passed: number; readonly failed: number }
)

export const generate = (
  folder: string,
  options: { readonly events: number; readonly seed: number },
): { readonly file: string; readonly expected: Expected } => {
  const file = join(folder, 'events.ndjson')
  const expectedFile = join(folder, 'expected.json')
  execFileSync(process.execPath, [
    join(repository, 'test/e2e/load/generate.mjs'),
    '--out',
    file,
    '--expected',
    expectedFile,
    '--events',
    String(options.events),
    '--seed',
    String(options.seed),
  ])
  return { file, expected: JSON.parse(readFileSync(expectedFile, 'utf8')) as Expected }
}
