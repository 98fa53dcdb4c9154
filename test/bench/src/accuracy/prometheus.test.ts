import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { temporaryFolder } from '@tidemark/e2e'
import { describeWithPromtool } from '@tidemark/e2e/promtool'
import { randomOf } from '../harness/random.ts'
import {
  classicCounts,
  classicQuantile,
  defaultBoundsSeconds,
  nativeBuckets,
  nativeQuantile,
  type NativeBucket,
} from './prometheus.ts'
import { drawnUs, latencyShapes } from './shapes.ts'

const shares = [0, 0.01, 0.25, 0.5, 0.9, 0.99, 0.999, 1]

type Case = {
  readonly name: string
  readonly counts: readonly number[]
  readonly bounds?: readonly number[]
}

/** Latencies of every shape, counts drawn at random with empty buckets among them, and the rules for the ends. */
const cases = (): readonly Case[] => {
  const random = randomOf(7)
  return [
    ...latencyShapes.map((shape) => ({
      name: shape.name.replaceAll('-', '_'),
      counts: classicCounts(drawnUs(shape, 10_000, random)),
    })),
    ...Array.from({ length: 40 }, (_, i) => {
      let sum = 0
      const counts = [...defaultBoundsSeconds, Number.POSITIVE_INFINITY].map(
        () => (sum += random() < 0.3 ? 0 : Math.floor(1000 * random())),
      )
      return { name: `drawn_${i}`, counts }
    }),
    { name: 'all_above', counts: [...defaultBoundsSeconds.map(() => 0), 9] },
    { name: 'all_below', counts: [9, ...defaultBoundsSeconds.map(() => 9)] },
    { name: 'nothing', counts: [0, ...defaultBoundsSeconds.map(() => 0)] },
    { name: 'one_bound', counts: [1, 3], bounds: [0.5] },
  ]
}

/** A file of promtool's, in which Prometheus has to find what we found, to the last bit. */
const rulesTest = (of: readonly Case[], change = 0): string => {
  const series = of.flatMap(({ name, counts, bounds = defaultBoundsSeconds }) =>
    counts.map((count, i) => ({
      series: `${name}_bucket{le="${i < bounds.length ? bounds[i]! : '+Inf'}"}`,
      values: String(count),
    })),
  )
  const expected = of.flatMap(({ name, counts, bounds }) =>
    shares.map((q) => {
      const expr = `histogram_quantile(${q}, ${name}_bucket)`
      const value = classicQuantile(q, counts, bounds) * (1 + change)
      // What is no number is not equal to itself, in promtool too: a comparison that lets nothing through.
      return Number.isNaN(value)
        ? { expr: `${expr} == ${expr}`, eval_time: '0m', exp_samples: [] }
        : { expr, eval_time: '0m', exp_samples: [{ labels: '{}', value }] }
    }),
  )
  const tests = [{ interval: '1m', input_series: series, promql_expr_test: expected }]
  // YAML takes JSON.
  return JSON.stringify({ rule_files: [], evaluation_interval: '1m', tests })
}

const promtoolOf = (text: string): Promise<{ readonly isRight: boolean; readonly said: string }> =>
  new Promise((resolve) => {
    const folder = temporaryFolder()
    const path = join(folder.path, 'quantiles.json')
    writeFileSync(path, text)
    execFile('promtool', ['test', 'rules', path], (error, stdout, stderr) => {
      folder.remove()
      resolve({ isRight: error === null, said: stdout + stderr })
    })
  })

describeWithPromtool('histogram_quantile over classic buckets', () => {
  it('is what Prometheus finds, to the last bit', async () => {
    const { isRight, said } = await promtoolOf(rulesTest(cases()))
    expect(said).toContain('SUCCESS')
    expect(isRight).toBe(true)
  })

  it('is compared by something that would notice the last bit', async () => {
    const { isRight, said } = await promtoolOf(rulesTest(cases().slice(0, 1), Number.EPSILON))
    expect(said).toContain('FAILED')
    expect(isRight).toBe(false)
  })
})

describe('classic buckets', () => {
  it('hold what is at their bound, and say their last bound of what is above it', () => {
    const counts = classicCounts(Float64Array.of(5000, 5001, 10_000_000, 10_000_001))
    expect(counts).toEqual([1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 3, 4])
    expect(classicQuantile(0.99, counts)).toBe(10)
  })
})

describe('histogram_quantile over native buckets', () => {
  const bucketsFromOne = (counts: readonly number[]): NativeBucket[] =>
    counts.map((count, i) => ({ lowSeconds: 2 ** (i - 1), highSeconds: 2 ** i, count }))

  // Numbers of Prometheus's own tests: promql/promqltest/testdata/native_histograms.test, 3.x.
  it("is what Prometheus's own tests expect", () => {
    expect(nativeQuantile(0.5, bucketsFromOne([1, 2, 1]))).toBeCloseTo(1.414213562373095, 12)
    const withZero = [
      { lowSeconds: 0, highSeconds: 0.001, count: 2 },
      ...bucketsFromOne([2, 3, 0, 1, 4]).filter(({ count }) => count > 0),
    ]
    const expected = [
      [1, 16],
      [0.99, 15.67072476139083],
      [0.9, 12.99603834169977],
      [0.6, 4.594793419988138],
      [0.5, 1.5874010519681994],
      [0.1, 0.0006],
      [0, 0],
    ] as const
    for (const [q, value] of expected) expect(nativeQuantile(q, withZero)).toBeCloseTo(value, 12)
    expect(nativeQuantile(0.5, [])).toBeNaN()
  })

  it('counts each latency in the bucket that it is in, bounds in the one below them', () => {
    const random = randomOf(3)
    for (const shape of latencyShapes) {
      const latencies = drawnUs(shape, 1000, random)
      const buckets = nativeBuckets(latencies)
      expect(buckets.reduce((sum, { count }) => sum + count, 0)).toBe(latencies.length)
      for (const { lowSeconds, highSeconds, count } of buckets) {
        const inside = latencies.filter((us) => us / 1e6 > lowSeconds && us / 1e6 <= highSeconds)
        expect(inside).toHaveLength(count)
        expect(highSeconds / lowSeconds).toBeCloseTo(2 ** (1 / 8), 12)
      }
    }
    expect(nativeBuckets(Float64Array.of(1e6, 500_000))).toEqual([
      { lowSeconds: 2 ** (-9 / 8), highSeconds: 0.5, count: 1 },
      { lowSeconds: 2 ** (-1 / 8), highSeconds: 1, count: 1 },
    ])
  })
})
