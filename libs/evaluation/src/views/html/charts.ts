import type { HealthStatus, SloCounts } from '@tidemark/model'
import { isoOf } from '@tidemark/model'
import { latencyText, minuteText, multipleText, percentText, spanText } from '../../format.ts'
import type { HourlyLatency, StatusSpan } from '../digest.ts'
import { burnOf, hourUs, sumOf } from '../slo-figures.ts'
import { markup, nothing, type Html } from './markup.ts'

// Small charts as inline SVG. Their coordinates are integers, so that the same report is the same bytes; all they show is said in words too.

const width = 240
const height = 28

/** Which status held when, from left to right. */
export const statusStrip = (spans: readonly StatusSpan[], fromUs: number, toUs: number): Html => {
  const x = scaleOf(fromUs, toUs)
  return markup`<svg class="chart strip" viewBox="0 0 ${width} 12" role="img" aria-label="${stripText(spans)}"><rect class="none" width="${width}" height="12" rx="2"></rect>${spans.map(
    (span) =>
      // Nothing that happened is too short to be seen.
      markup`<rect class="fill-${span.status}" x="${x(span.fromUs)}" width="${Math.max(1, x(span.toUs) - x(span.fromUs))}" height="12"><title>${span.status} for ${spanText(span.toUs - span.fromUs)} from ${minuteText(span.fromUs)}</title></rect>`,
  )}</svg>`
}

const scaleOf =
  (fromUs: number, toUs: number) =>
  (atUs: number): number =>
    toUs <= fromUs ? 0 : Math.floor(((atUs - fromUs) * width) / (toUs - fromUs))

const stripText = (spans: readonly StatusSpan[]): string => {
  const held = new Map<HealthStatus, number>()
  for (const { status, fromUs, toUs } of spans)
    held.set(status, (held.get(status) ?? 0) + toUs - fromUs)
  return held.size === 0
    ? 'nothing is known'
    : [...held].map(([status, us]) => `${status} for ${spanText(us)}`).join(', ')
}

/** The highest p99 of each hour, as a line with gaps where nothing was measured. */
export const latencyChart = (
  latencies: readonly HourlyLatency[],
  fromUs: number,
  toUs: number,
): Html => {
  const worst = latencies.reduce((most, { p99UsMax }) => Math.max(most, p99UsMax), 0)
  if (worst === 0) return nothing
  const x = scaleOf(fromUs, toUs)
  const y = (us: number): number => height - 2 - Math.round((us * (height - 4)) / worst)
  const lines = unbroken(latencies).map(
    (run) =>
      markup`<polyline points="${run
        .map(
          ({ hourStartUs, p99UsMax }) => `${clamped(x(hourStartUs + hourUs / 2))},${y(p99UsMax)}`,
        )
        .join(' ')}"></polyline>`,
  )
  const single = unbroken(latencies)
    .filter((run) => run.length === 1)
    .map(
      ([point]) =>
        markup`<circle cx="${clamped(x((point?.hourStartUs ?? 0) + hourUs / 2))}" cy="${y(point?.p99UsMax ?? 0)}" r="2"></circle>`,
    )
  const worstAt = latencies.find(({ p99UsMax }) => p99UsMax === worst)?.hourStartUs ?? fromUs
  return markup`<svg class="chart line" viewBox="0 0 ${width} ${height}" role="img" aria-label="p99 up to ${latencyText(worst)}"><title>p99 up to ${latencyText(worst)}, in the hour from ${minuteText(worstAt)}</title>${lines}${single}</svg><span class="peak">${latencyText(worst)}</span>`
}

const clamped = (x: number): number => Math.max(0, Math.min(width, x))

/** Runs of hours without a gap between. */
const unbroken = (latencies: readonly HourlyLatency[]): readonly (readonly HourlyLatency[])[] => {
  const runs: HourlyLatency[][] = []
  for (const point of latencies) {
    const last = runs.at(-1)
    if (last?.at(-1)?.hourStartUs === point.hourStartUs - hourUs) last.push(point)
    else runs.push([point])
  }
  return runs
}

/** How much of an error budget is left, 0 to 100 %: what is spent beyond it shows as nothing left. */
export const budgetMeter = (remainingPpm: number | null, label: string): Html => {
  if (remainingPpm === null) return nothing
  const left = Math.max(0, Math.min(1_000_000, remainingPpm))
  const tone = remainingPpm < 0 ? 'bad' : remainingPpm < 250_000 ? 'poor' : 'good'
  return markup`<svg class="chart meter" viewBox="0 0 100 10" role="img" aria-label="${label} left"><rect class="none" width="100" height="10" rx="2"></rect><rect class="tone-${tone}" width="${Math.floor(left / 10_000)}" height="10" rx="2"></rect></svg>`
}

/** Bars of a chart at most: more would be thinner than they can be seen. */
const barsMax = 60

/** How fast a budget burned, hour by hour or some hours to a bar; the line is the rate that spends it in exactly the period. */
export const burnChart = (
  hours: readonly SloCounts[],
  targetPpm: number,
  lastHourUs: number,
): Html => {
  const size = Math.ceil(hours.length / barsMax)
  const burns = pieces(hours, size).map((piece) => burnOf(sumOf(piece), targetPpm))
  const tenths = burns.map((burn) => burn && Number((burn.part * 10n) / burn.whole))
  if (tenths.every((value) => value === null)) return nothing
  const top = tenths.reduce<number>((most, value) => Math.max(most, value ?? 0), 20)
  const y = (value: number): number => Math.round((value * (height - 2)) / top)
  const x = (at: number): number => Math.floor((at * width) / burns.length)
  const bars = burns.map((burn, at) => {
    const value = tenths[at] ?? 0
    if (burn === null || burn.part === 0n) return nothing
    const tall = Math.max(1, y(value))
    const fromUs = lastHourUs + hourUs - (burns.length - at) * size * hourUs
    return markup`<rect class="${value > 10 ? 'tone-bad' : 'tone-muted'}" x="${x(at)}" y="${height - tall}" width="${Math.max(1, x(at + 1) - x(at) - 1)}" height="${tall}"><title>${multipleText(burn.part, burn.whole)} in ${spanText(size * hourUs)} from ${minuteText(fromUs)}</title></rect>`
  })
  const one = height - y(10)
  return markup`<svg class="chart bars" viewBox="0 0 ${width} ${height}" role="img" aria-label="burn over time"><title>Budget burned until ${isoOf(lastHourUs + hourUs)}, ${spanText(size * hourUs)} a bar</title>${bars}<line x1="0" x2="${width}" y1="${one}" y2="${one}"></line></svg>`
}

/** Cut into pieces of so many, the first of them perhaps shorter. */
const pieces = <T>(list: readonly T[], size: number): readonly (readonly T[])[] => {
  const first = list.length % size
  const rest = Array.from({ length: Math.floor(list.length / size) }, (_, at) =>
    list.slice(first + at * size, first + (at + 1) * size),
  )
  return first === 0 ? rest : [list.slice(0, first), ...rest]
}

/** Services by status, as one bar. */
export const summaryBar = (counts: readonly (readonly [HealthStatus, number])[]): Html => {
  const all = counts.reduce((sum, [, count]) => sum + count, 0)
  if (all === 0) return nothing
  let at = 0
  const parts = counts.map(([status, count]) => {
    const from = Math.round((at * width) / all)
    at += count
    return markup`<rect class="fill-${status}" x="${from}" width="${Math.round((at * width) / all) - from}" height="10"><title>${count} ${status} (${percentText(count, all)})</title></rect>`
  })
  return markup`<svg class="chart wide" viewBox="0 0 ${width} 10" preserveAspectRatio="none" role="img" aria-label="services by status">${parts}</svg>`
}
