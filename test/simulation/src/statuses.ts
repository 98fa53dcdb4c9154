/** What a line of NDJSON says, as far as health depends on it. */
type Line = {
  readonly type: 'request' | 'health-check'
  readonly service: string
  readonly latencyMs: number
  readonly success?: boolean
  readonly passed?: boolean
}

/**
 * The status of each service of events that all lie in one window: domain.md section 2 once more, over sorted arrays and plain
 * division, for comparison with what the processors say.
 */
export const statusesOf = (ndjson: string): ReadonlyMap<string, string> => {
  const lines = ndjson
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Line)
  const services = [...new Set(lines.map(({ service }) => service))].sort()
  return new Map(
    services.map((service) => [
      service,
      statusOf(lines.filter((line) => line.service === service)),
    ]),
  )
}

const statusOf = (lines: readonly Line[]): string => {
  const requests = lines.filter(({ type }) => type === 'request')
  const checks = lines.filter(({ type }) => type === 'health-check')
  const latenciesMs = requests.map(({ latencyMs }) => latencyMs).sort((a, b) => a - b)
  const errorRate = requests.filter(({ success }) => success === false).length / requests.length
  const availability = checks.filter(({ passed }) => passed === true).length / checks.length
  const p99Ms = latenciesMs[Math.ceil(0.99 * latenciesMs.length) - 1]!
  if (availability < 0.95) return 'down'
  if (errorRate > 0.1 || p99Ms > 1000) return 'critical'
  return errorRate > 0.05 || p99Ms > 500 ? 'degraded' : 'healthy'
}
