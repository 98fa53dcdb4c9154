import {
  contentId,
  inputTopics,
  noScorecards,
  type FleetRow,
  type FleetSlice,
  type HealthStatus,
} from '@tidemark/model'

/** A slice of one part, by its statuses; its services are named after partition and place. */
export const sliceOf = (figures: {
  readonly partition?: number
  readonly windowEndUs?: number
  readonly previousWindowEndUs?: number | null
  readonly statuses: readonly HealthStatus[]
}): FleetSlice => {
  const { partition = 0, windowEndUs = 10_000_000, previousWindowEndUs = null, statuses } = figures
  return {
    type: 'FleetSlice',
    cause: { partition, windowEndUs, index: 0 },
    id: contentId(`${partition} ${windowEndUs}`),
    partition,
    windowStartUs: windowEndUs - 10_000_000,
    windowEndUs,
    previousWindowEndUs,
    part: 0,
    parts: 1,
    rows: statuses.map((status, n) => rowOf(`${partition}-s${n}`, status)),
    alertCount: 0,
    alerts: [],
    ignored: [],
    positions: inputTopics.map((topic) => ({
      topic,
      partition,
      position: windowEndUs / 1_000_000,
    })),
  }
}

/** The slice in as many parts as asked for. */
export const partsOfSlice = (slice: FleetSlice, parts: number): readonly FleetSlice[] => {
  const rowsPerPart = Math.max(1, Math.ceil(slice.rows.length / parts))
  return Array.from({ length: parts }, (_, part) => ({
    ...slice,
    cause: { ...slice.cause, index: part },
    part,
    parts,
    rows: slice.rows.slice(part * rowsPerPart, (part + 1) * rowsPerPart),
    positions: part === 0 ? slice.positions : [],
  }))
}

const rowOf = (service: string, status: HealthStatus): FleetRow => ({
  service,
  status,
  sinceUs: 10_000_000,
  stale: false,
  registered: true,
  team: null,
  tier: null,
  signals: { errorRate: null, availability: null, latency: null },
  ...noScorecards,
})
