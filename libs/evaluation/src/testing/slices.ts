import {
  contentId,
  governanceChecks,
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

const most = 2 ** 53 - 2
const least = -(2 ** 52)
const wide = (length: number): string => '日'.repeat(length)
const counts = { valid: most, bad: most }
const quantile = { valueUs: most, lowUs: most, highUs: most }

/** A row whose lists, texts and numbers are as large as state and configuration allow. */
export const largestRow: FleetRow = {
  service: 's'.repeat(128),
  status: 'degraded',
  sinceUs: most,
  stale: false,
  registered: true,
  team: wide(85),
  tier: wide(85),
  signals: {
    errorRate: { failed: most, total: most },
    availability: { passed: most, total: most },
    latency: {
      ...{ count: most, overRange: most, maxUs: most },
      ...{ p50: quantile, p95: quantile, p99: quantile, p999: quantile },
    },
  },
  slos: Array.from({ length: 50 }, (_, n) => ({
    slo: `${n}`.padStart(128, 's'),
    objectiveId: contentId(`${n}`),
    ...{ targetPpm: 1_000_000, fromUs: most, counts, hour: counts, burning: 'critical' as const },
  })),
  costs: Array.from({ length: 10 }, (_, n) => ({
    currency: `AA${String.fromCharCode(65 + n)}`,
    ...{
      monthStartUs: most,
      amountMinor: least,
      previousMinor: least,
      trend: 'decreasing' as const,
    },
    ...{ budgetMinor: most, overBudget: true, forecastMinor: least, noticePercent: 100 },
  })),
  reliability: {
    score: 100,
    parts: noScorecards.reliability.parts.map((part) => ({ ...part, points: part.pointsMax })),
    ...{ checksPassed: most, checksTotal: most, incidents: most, repairs: most },
    ...{ repairMeanUs: most, repairMedianUs: most, deployments: most, deploymentsFailed: most },
  },
  governance: {
    status: 'non_compliant',
    findings: governanceChecks.map((check) => ({
      ...{ check, result: 'skipped' as const, message: '😀'.repeat(200), untilUs: most },
    })),
  },
  standing: {
    status: 'critical',
    points: 6,
    reasons: Array.from({ length: 4 }, () => '😀'.repeat(1000)),
  },
}
