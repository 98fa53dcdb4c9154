import { isDeepStrictEqual } from 'node:util'
import type { FleetSlice } from '@tidemark/model'
import type { StoreContents } from './evidence.ts'

const hourUs = 3_600_000_000
const hourOf = ({ windowStartUs }: FleetSlice): number => windowStartUs - (windowStartUs % hourUs)

/** What the store keeps by the hour or by change, against all slices that there were. */
export const wrongHistory = (
  stored: StoreContents,
  slices: readonly FleetSlice[],
): readonly string[] => {
  const rows = slices
    .toSorted((a, b) => a.windowEndUs - b.windowEndUs)
    .flatMap((slice) => slice.rows.map((row) => ({ slice, row })))
  const sloHours = rows.flatMap(({ slice, row: { service, slos } }) =>
    slos.map(({ slo, objectiveId, hour: { valid, bad } }) => ({
      ...{ service, slo, objectiveId, hourStartUs: hourOf(slice), valid, bad },
    })),
  )
  const statusChanges = rows
    .filter(
      ({ slice: { windowEndUs }, row }) =>
        row.sinceUs === windowEndUs || windowEndUs % hourUs === 0,
    )
    .map(({ row: { service, sinceUs, status } }) => ({ service, sinceUs, status }))
  const latencyHours = rows
    .flatMap(({ slice, row: { service, signals } }) =>
      signals.latency === null
        ? []
        : [{ service, hourStartUs: hourOf(slice), p99UsMax: signals.latency.p99.valueUs }],
    )
    .sort((a, b) => a.p99UsMax - b.p99UsMax)
  return [
    ...unequal('hours of objectives', stored.sloHours, sloHours, (hour) => [
      ...[hour.service, hour.objectiveId, hour.hourStartUs],
    ]),
    ...unequal('changes of status', stored.statusChanges, statusChanges, (change) => [
      ...[change.service, change.sinceUs],
    ]),
    ...unequal('hours of latencies', stored.latencyHours, latencyHours, (hour) => [
      ...[hour.service, hour.hourStartUs],
    ]),
  ]
}

/** Of each key the last row is to be there. */
const unequal = <T>(
  what: string,
  stored: readonly T[],
  expected: readonly T[],
  keyOf: (row: T) => readonly unknown[],
): readonly string[] => {
  const byKey = (rows: readonly T[]): ReadonlyMap<string, T> =>
    new Map(rows.map((row) => [JSON.stringify(keyOf(row)), row]))
  const [there, wanted] = [byKey(stored), byKey(expected)]
  return [...new Set([...there.keys(), ...wanted.keys()])]
    .filter((key) => !isDeepStrictEqual(there.get(key), wanted.get(key)))
    .slice(0, 3)
    .map((key) => `${what}: the row of ${key} is ${there.has(key) ? 'another' : 'missing'}`)
}
