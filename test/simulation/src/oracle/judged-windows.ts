import type { Layout } from '@tidemark/model'
import {
  newestClosed,
  type Advance,
  type ClosedRow,
  type SourceOracle,
  type SourceRow,
} from './aggregates.ts'

/** The three sources of one partition. */
export type PartitionSources = {
  readonly requests: SourceOracle
  readonly 'health-checks': SourceOracle
  readonly facts: SourceOracle
}

/** A window that an evaluator judges, and what it knows of it. */
export type JudgedWindow = {
  readonly endUs: number
  /** Nothing is judged in the first one: it says from where on there is something to say. */
  readonly isOpening: boolean
  /** Stream time without the windows that nobody watched. */
  readonly watchedUs: number
  readonly watched: { readonly RequestWindowClosed: boolean; readonly HealthWindowClosed: boolean }
  readonly rows: readonly ClosedRow[]
  /** Of requests, health checks, facts: where the clock first passed its close. */
  readonly positions: readonly number[]
}

/** In order. Windows without rows that lie wholly in unwatched stretches of both observing sources are left out. */
export const judgedWindows = (
  layout: Layout,
  sources: PartitionSources,
): readonly JudgedWindow[] => {
  const { windowUs } = layout
  const each = [sources.requests, sources['health-checks'], sources.facts]
  const advances = each.map(({ rows }) => rows.filter(isAdvance))
  if (advances.some(({ length }) => length === 0)) return []
  const closed = (advance: Advance): number => newestClosed(advance.clockMs, layout)
  const rows = Map.groupBy(
    each.flatMap((source) => source.rows.filter(isClosed)),
    ({ windowEndUs }) => windowEndUs,
  )
  const openingUs = Math.min(...advances.map((all) => closed(all[0]!)))
  const lastUs = Math.min(...advances.map((all) => closed(all.at(-1)!)))
  const windows: JudgedWindow[] = []
  let skippedUs = 0
  const judge = (endUs: number, watched: JudgedWindow['watched'], isOpening: boolean): void => {
    windows.push({
      ...{ endUs, isOpening, watched, watchedUs: endUs - skippedUs, rows: rows.get(endUs) ?? [] },
      positions: advances.map((all) => all.find((one) => closed(one) >= endUs)!.position),
    })
  }
  if (openingUs > 0)
    judge(openingUs, { RequestWindowClosed: false, HealthWindowClosed: false }, true)
  for (let endUs = Math.max(openingUs, 0) + windowUs; endUs <= lastUs; endUs += windowUs) {
    const ofRequests = stretchAround(advances[0]!, endUs, windowUs)
    const ofChecks = stretchAround(advances[1]!, endUs, windowUs)
    if (ofRequests === null || ofChecks === null || rows.has(endUs)) {
      const watched = {
        RequestWindowClosed: ofRequests === null,
        HealthWindowClosed: ofChecks === null,
      }
      judge(endUs, watched, false)
      continue
    }
    // Perhaps for years: on to the last window of the stretch, or to what comes before the next row.
    const untilUs = Math.min(ofRequests.toMs, ofChecks.toMs, lastUs / 1000) * 1000
    const nextRowUs = Math.min(...[...rows.keys()].filter((rowUs) => rowUs > endUs))
    const lastSkippedUs = Math.min(untilUs - (untilUs % windowUs), nextRowUs - windowUs)
    skippedUs += lastSkippedUs - endUs + windowUs
    endUs = lastSkippedUs
  }
  return windows
}

const isAdvance = (row: SourceRow): row is Advance => row.type === 'PartitionAdvanced'
const isClosed = (row: SourceRow): row is ClosedRow => 'placed' in row

const stretchAround = (advances: readonly Advance[], endUs: number, windowUs: number) =>
  advances.find(
    ({ unwatched }) =>
      unwatched !== null &&
      unwatched.fromMs * 1000 <= endUs - windowUs &&
      endUs <= unwatched.toMs * 1000,
  )?.unwatched ?? null
