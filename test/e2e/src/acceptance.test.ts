import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { generate, type Expected, type ExpectedCounts } from './expected.ts'
import { jsonLines, temporaryFolder, tidemark, type Outcome } from './tidemark.ts'

// 200,000 events of 50 services, disordered, repeated, late and malformed, by a program with its own arithmetic.

type Quantile = { readonly valueUs: number; readonly lowUs: number; readonly highUs: number } | null
type Counts = {
  readonly total: number
  readonly failed: number
  readonly statuses: Readonly<Record<string, number>>
  readonly overRange: number
  readonly latency: Readonly<Record<'p50' | 'p95' | 'p99' | 'p999', Quantile>> & {
    readonly count: number
    readonly maxUs: number
  }
}
type WindowLine = {
  readonly source: 'requests' | 'health-checks'
  readonly service: string
  readonly window: { readonly start: string; readonly end: string }
  readonly passed: number
  readonly failed: number
  readonly operations: readonly (Counts & { readonly operation: string | null })[]
} & Counts
type LedgerLine = {
  readonly topic: string
  readonly partition: number
  readonly events: number
  readonly aggregated: number
  readonly late: number
  readonly duplicate: number
  readonly rejected: Readonly<Record<string, number>>
  readonly open: number
}

describe('200,000 published events', () => {
  const folder = temporaryFolder()
  let expected: Expected
  let published: Outcome
  let started: Outcome
  let windows: readonly WindowLine[]
  let ledger: readonly LedgerLine[]

  beforeAll(async () => {
    const generated = generate(folder.path, { events: 200_000, seed: 1 })
    expected = generated.expected
    published = await tidemark(folder.path, [
      'publish',
      generated.file,
      '--stamp',
      'event',
      '--flush',
      '--json',
    ])
    started = await tidemark(folder.path, ['start', '--exit-when-caught-up'])
    windows = jsonLines((await tidemark(folder.path, ['windows', '--json'])).stdout)
    ledger = jsonLines((await tidemark(folder.path, ['ledger', '--json'])).stdout)
  }, 300_000)
  afterAll(folder.remove)

  it('are all published but for the malformed lines, each of which is reported with its number', () => {
    expect(published.code).toBe(1)
    expect(JSON.parse(published.stdout)).toMatchObject({
      published: expected.events,
      bad: expected.malformed.length,
    })
    const reported = jsonLines<{ line: number; reason: string }>(published.stderr)
    expect(reported.map(({ line }) => line)).toEqual(expected.malformed.map(({ line }) => line))
    expect(reported.every(({ reason }) => reason.length > 0)).toBe(true)
  })

  it('are processed to the end', () => {
    expect(started).toMatchObject({ code: 0, stderr: '' })
  })

  it('end in the ledger as they must: aggregated, late, duplicate, none lost', () => {
    const inputs = ledger.filter(({ topic }) => topic !== 'facts')
    expect(
      inputs.map(({ topic, partition, events, aggregated, late, duplicate, rejected, open }) => ({
        ...{ topic, partition, events, aggregated, late, duplicate, rejected, open },
      })),
    ).toEqual(
      expected.partitions.map(({ future: _, ...row }) => ({ ...row, rejected: {}, open: 0 })),
    )
  })

  it('give windows with exactly these counts', () => {
    const key = ({
      source,
      service,
      startUs,
    }: {
      source: string
      service: string
      startUs: number
    }): string => `${source} ${service} ${startUs}`
    const byKey = new Map(
      windows.map((line) => [
        key({
          source: line.source,
          service: line.service,
          startUs: Date.parse(line.window.start) * 1000,
        }),
        line,
      ]),
    )
    expect(byKey.size).toBe(windows.length)
    expect(windows).toHaveLength(expected.windows.length)
    for (const window of expected.windows) {
      const line = byKey.get(key(window))!
      expect(Date.parse(line.window.end) * 1000).toBe(window.endUs)
      if (window.source === 'health-checks') {
        expect([line.passed, line.failed]).toEqual([window.passed, window.failed])
        continue
      }
      expect(countsOf(line)).toEqual(exactOf(window))
      expect(line.operations.map(({ operation }) => operation ?? '')).toEqual(
        window.operations.map(({ operation }) => operation),
      )
      for (const [i, operation] of window.operations.entries())
        expect(countsOf(line.operations[i]!)).toEqual(exactOf(operation))
    }
  })

  it('give percentiles whose bounds hold the exact order statistic and lie within 1 % of it', () => {
    const exact = new Map(
      expected.windows.flatMap((window) =>
        window.source === 'requests'
          ? [[`${window.service} ${window.startUs}`, window.latencyUs] as const]
          : [],
      ),
    )
    for (const line of windows) {
      if (line.source !== 'requests') continue
      const latencies = exact.get(`${line.service} ${Date.parse(line.window.start) * 1000}`)!
      for (const quantile of ['p50', 'p95', 'p99', 'p999'] as const) {
        const { lowUs, highUs, valueUs } = line.latency[quantile]!
        expect(lowUs).toBeLessThanOrEqual(latencies[quantile])
        expect(highUs).toBeGreaterThanOrEqual(latencies[quantile])
        expect(valueUs).toBe(highUs)
        // Above its range of 600 s the histogram knows no more than the maximum. Slots below 256 us are 1 us wide, and bounds are the same.
        if (latencies[quantile] < 590_000_000)
          expect(highUs - lowUs).toBeLessThanOrEqual(latencies[quantile] * 0.01)
      }
    }
  })
})

const countsOf = ({ total, failed, statuses, overRange, latency }: Counts) => ({
  ...{ total, failed, statuses, overRange, count: latency.count, maxUs: latency.maxUs },
})
const exactOf = ({ total, failed, statuses, overRange, latencyUs }: ExpectedCounts) => ({
  ...{ total, failed, statuses, overRange, count: total, maxUs: latencyUs.max },
})
