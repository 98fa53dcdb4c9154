import type { Fact, Layout, Operator, Rule } from '@tidemark/model'
import {
  idsHolding,
  isMatched,
  newPlainAlert,
  plainMarks,
  plainTurn,
  type PlainAlert,
} from './plain-alerts.ts'
import type { TestEvent, TestRecord, TestRecords } from './plain-aggregates.ts'

// The evaluator once more, slowly and from the input records: lists that are searched, sorted latencies, windows one by one. It shares no
// code with the evaluator, takes every service for registered, and tells what it finds as lines of text.

type Source = 'requests' | 'health-checks' | 'facts'
type Status = 'maintenance' | 'down' | 'critical' | 'degraded' | 'unknown' | 'healthy'
type Level = Status | null
type Accepted = { readonly event: TestEvent; readonly endUs: number }
type Quantile = readonly [lowUs: number, highUs: number]

type Seen = {
  readonly requests: readonly TestEvent[]
  readonly checks: readonly TestEvent[]
  readonly quantiles: readonly Quantile[]
}

type Judged = { endUs: number; requests: Level; checks: Level; status: Status }

type Service = {
  readonly name: string
  readonly history: Judged[]
  since: number
  run: Status[]
  silentUs: number
  readonly used: Set<Source>
  readonly alerts: Map<string, PlainAlert>
  /** Whether it was under maintenance at the window before. */
  wasHeld: boolean
}

export const plainEvaluation = (
  layout: Layout,
  records: TestRecords,
  names: readonly string[],
): readonly string[] => {
  const { windowUs, graceUs } = layout
  const all = [records.requests, records['health-checks'], records.facts]
  if (all.some((source) => source.length === 0)) return []
  const beginUs = Math.min(...all.map((source) => source[0]?.timestampMs ?? 0)) * 1000
  const endUs = Math.min(...all.map((source) => source.at(-1)?.timestampMs ?? 0)) * 1000
  const requests = accepted(layout, records.requests)
  const checks = accepted(layout, records['health-checks'])
  const services = names.map(newService)
  const lines: string[] = []
  let skippedUs = 0
  let previous: number | null = null
  let isFirst = true
  let factsApplied = 0
  const openingUs = Math.floor((beginUs - graceUs) / windowUs) * windowUs
  if (openingUs > 0) {
    lines.push(sliceLine(layout, records, [], openingUs, null))
    previous = openingUs
  }
  const firstUs = Math.floor(beginUs / windowUs - 1) * windowUs
  for (let end = firstUs; end + graceUs <= endUs; end += windowUs) {
    if (end + graceUs <= beginUs) continue
    const watched = {
      requests: !isUnwatched(layout, records.requests, end),
      'health-checks': !isUnwatched(layout, records['health-checks'], end),
    }
    const hasRows = [...requests, ...checks].some((one) => one.endUs === end)
    if (!hasRows && !watched.requests && !watched['health-checks']) {
      skippedUs += windowUs
      continue
    }
    const facts = factsBefore(layout, records.facts, end)
    const news = facts.slice(factsApplied)
    factsApplied = facts.length
    if (isFirst) for (const service of services) service.since = end
    isFirst = false
    for (const service of services) {
      const own = (source: readonly Accepted[]): readonly Accepted[] =>
        source.filter(({ event }) => event.service === service.name)
      const inWindow = (source: readonly Accepted[]): boolean =>
        own(source).some((one) => one.endUs === end)
      const isRecent = ({ endUs: at }: Accepted): boolean =>
        at <= end && at > end - layout.configuration.horizonUs
      const recent = (source: readonly Accepted[]): readonly TestEvent[] =>
        own(source)
          .filter(isRecent)
          .map(({ event }) => event)
      const sends = inWindow(requests) || inWindow(checks)
      if (inWindow(requests)) service.used.add('requests')
      if (inWindow(checks)) service.used.add('health-checks')
      const needed = service.used.size > 0 ? [...service.used] : ['requests', 'health-checks']
      if (sends) service.silentUs = 0
      else if (needed.every((source) => watched[source as 'requests'])) service.silentUs += windowUs
      const seen = seenOf(layout, recent(requests), recent(checks))
      const moment = { layout, service: service.name, end, watchedUs: end - skippedUs, facts, news }
      const labels = labelsOf(layout, service)
      const isHeld = idsHolding('maintenance', moment, { ...labels, registered: 'true' }).length > 0
      if (isHeld !== service.wasHeld) forgetHealth(service, end)
      const before = service.history.at(-1)?.status ?? 'unknown'
      const status = isHeld ? 'maintenance' : judge(layout, service, seen, end)
      if (!isHeld && status !== before) service.since = end
      service.wasHeld = isHeld
      const turned = layout.configuration.rules
        .filter(({ match }) => isMatched(match, { ...labels, registered: 'true' }))
        .map((rule) => {
          const alert = service.alerts.get(rule.id) ?? newPlainAlert()
          service.alerts.set(rule.id, alert)
          const verdict = verdictOf(layout, service, rule, { seen, sends }, alert.firing)
          return { rule, alert, turn: plainTurn(alert, rule, verdict, moment) }
        })
      lines.push(...plainMarks(turned, moment, labels))
      lines.push(assessedLine(service, status, seen, end))
    }
    lines.push(sliceLine(layout, records, services, end, previous))
    previous = end
  }
  return lines
}

const newService = (name: string): Service => ({
  name,
  history: [],
  since: 0,
  run: [],
  silentUs: 0,
  used: new Set(),
  alerts: new Map(),
  wasHeld: false,
})

/** Events that were not late, with the end of their window. */
const accepted = (layout: Layout, records: readonly TestRecord[]): readonly Accepted[] =>
  records.flatMap(({ timestampMs, events }) =>
    events
      .map((event) => ({
        event,
        endUs: (Math.floor(event.atUs / layout.windowUs) + 1) * layout.windowUs,
      }))
      .filter(({ endUs }) => timestampMs * 1000 < endUs + layout.graceUs),
  )

const isUnwatched = (layout: Layout, records: readonly TestRecord[], endUs: number): boolean => {
  const times = [0, ...records.map(({ timestampMs }) => timestampMs)]
  return times.slice(1).some((to, index) => {
    const from = times[index] as number
    const isLong = to - from > 3 * layout.tickIntervalMs && (to - from) * 1000 > layout.windowUs
    return isLong && from * 1000 <= endUs - layout.windowUs && endUs <= to * 1000
  })
}

const seenOf = (
  layout: Layout,
  requests: readonly TestEvent[],
  checks: readonly TestEvent[],
): Seen => {
  const { requestsMin, checksMin } = layout.configuration
  const enough = requests.length > 0 && requests.length >= requestsMin
  const sorted = requests.map(({ latencyUs }) => latencyUs).sort((a, b) => a - b)
  const quantile = (thousandths: number): Quantile =>
    boundsOf(
      sorted[Math.ceil((thousandths * sorted.length) / 1000) - 1] ?? 0,
      sorted.at(-1) ?? 0,
      layout.histogram.highestUs,
    )
  return {
    requests: enough ? requests : [],
    checks: checks.length > 0 && checks.length >= checksMin ? checks : [],
    quantiles: enough ? [500, 950, 990, 999].map(quantile) : [],
  }
}

/** Two significant digits: 256 slots of 1 us, then 128 to each power of two; the last slot of the range is open above. */
const boundsOf = (us: number, maxUs: number, highestUs: number): Quantile => {
  const inRange = Math.min(us, highestUs)
  let width = 1
  while (inRange >= 256 * width) width *= 2
  const low = inRange - (inRange % width)
  const isOpen = maxUs > highestUs && low + width > highestUs
  return [low, isOpen ? maxUs : Math.min(low + width - 1, maxUs)]
}

const failures = (events: readonly TestEvent[]): number => events.filter(({ ok }) => !ok).length
const perMillion = (part: number, whole: number): number => (part * 1_000_000) / whole

const order: readonly Status[] = ['down', 'critical', 'degraded', 'unknown', 'healthy']
const worst = (levels: readonly Level[]): Status =>
  order.find((status) => levels.includes(status)) ?? 'unknown'

const judge = (layout: Layout, service: Service, seen: Seen, end: number): Status => {
  const { health, downFailuresMin, staleAfterUs, improveAfterWindows } = layout.configuration
  const { history } = service
  const before = history.at(-1)?.status ?? 'unknown'
  const isFirst = history.every(({ requests, checks }) => requests === null && checks === null)
  const errors = perMillion(failures(seen.requests), seen.requests.length)
  const p99 = seen.quantiles[2] ?? [0, 0]
  const up = perMillion(seen.checks.length - failures(seen.checks), seen.checks.length)
  const isOver = (limits: { errorRateAbovePpm: number; p99AboveUs: number }): boolean =>
    errors > limits.errorRateAbovePpm || p99[0] > limits.p99AboveUs
  const requests: Level =
    seen.requests.length === 0
      ? null
      : isOver(health.critical)
        ? 'critical'
        : isOver(health.degraded)
          ? 'degraded'
          : 'healthy'
  const isDown =
    up < health.down.availabilityBelowPpm && (isFirst || failures(seen.checks) >= downFailuresMin)
  const checks: Level = seen.checks.length === 0 ? null : isDown ? 'down' : 'healthy'

  // What an absent signal still says: the status it left behind, or else its own level, until it is too old.
  const held = (kind: 'requests' | 'checks', mine: readonly Status[]): Level => {
    const last = history.filter((judged) => judged[kind] !== null).at(-1)
    if (last === undefined) return null
    const level = mine.includes(last.status) ? last.status : last[kind]
    if (end - last.endUs < staleAfterUs) return level
    return level === 'healthy' ? null : 'unknown'
  }
  const found = worst([
    requests ?? held('requests', ['critical', 'degraded']),
    checks ?? held('checks', ['down']),
  ])

  const isUnder = (limits: { errorRateExitPpm: number; p99ExitUs: number }): boolean =>
    errors < limits.errorRateExitPpm && p99[1] < limits.p99ExitUs
  const isCausePresent = before === 'down' ? checks !== null : requests !== null
  const isPastExit =
    before === 'down'
      ? up >= health.down.availabilityExitPpm
      : before === 'critical'
        ? isUnder(health.critical)
        : isUnder(health.degraded)
  let status = found
  if (order.indexOf(found) > order.indexOf(before) && before !== 'unknown' && isCausePresent) {
    service.run = isPastExit ? [...service.run, found] : []
    status = service.run.length < improveAfterWindows ? before : worst(service.run)
  } else service.run = []
  if (status !== before) service.run = []
  history.push({ endUs: end, requests, checks, status })
  return status
}

/** What comes behind maintenance begins anew, and so does what is under it. */
const forgetHealth = (service: Service, end: number): void => {
  service.history.length = 0
  service.run = []
  service.since = end
}

const labelsOf = ({ configuration }: Layout, { name }: Service): Record<string, string> => {
  const team = configuration.services.find(({ service }) => service === name)?.team ?? null
  return { service: name, ...(team === null ? {} : { team }) }
}

/** Facts that act on a window: at their records, the clock was not past its start. */
const factsBefore = (
  layout: Layout,
  records: readonly TestRecord[],
  end: number,
): readonly Fact[] =>
  records.flatMap(({ fact }, at) => {
    const clockMs = Math.max(...records.slice(0, at + 1).map(({ timestampMs }) => timestampMs))
    return fact !== undefined && clockMs * 1000 <= end - layout.windowUs ? [fact] : []
  })

/** Severity of what is wrong, `clear`, or null where nothing can be said. */
const verdictOf = (
  { configuration }: Layout,
  service: Service,
  rule: Rule,
  { seen, sends }: { readonly seen: Seen; readonly sends: boolean },
  firing: string | null,
): string | null => {
  switch (rule.kind) {
    case 'absence':
      if (sends) return 'clear'
      return service.silentUs >= configuration.absentAfterUs ? rule.severity : null
    case 'health': {
      const status = service.history.at(-1)?.status ?? 'unknown'
      if (service.wasHeld || status === 'maintenance') return null
      const isSilent = seen.requests.length === 0 && seen.checks.length === 0
      if (status === 'unknown' || (status === 'healthy' && isSilent)) return null
      if (status === 'healthy') return 'clear'
      if (firing === 'page' && seen.checks.length === 0) return null
      if (firing === 'critical' && status === 'degraded' && seen.requests.length === 0) return null
      return { down: 'page', critical: 'critical', degraded: 'warning' }[status]
    }
    case 'threshold': {
      const latency = { p50: 0, p95: 1, p99: 2, p999: 3 } as const
      if (rule.signal === 'error_rate' || rule.signal === 'availability') {
        const events = rule.signal === 'error_rate' ? seen.requests : seen.checks
        if (events.length === 0) return null
        const counted =
          rule.signal === 'error_rate' ? failures(events) : events.length - failures(events)
        const value = perMillion(counted, events.length)
        return compares(value, rule.operator, rule.value) ? rule.severity : 'clear'
      }
      const quantile = seen.quantiles[latency[rule.signal]]
      if (quantile === undefined) return null
      const [low, high] = quantile
      const bound = rule.operator.startsWith('>') ? low : high
      return compares(bound, rule.operator, rule.value) ? rule.severity : 'clear'
    }
    default:
      return null
  }
}

const compares = (value: number, operator: Operator, limit: number): boolean =>
  ({ '>': value > limit, '>=': value >= limit, '<': value < limit, '<=': value <= limit })[operator]

const assessedLine = (service: Service, status: Status, seen: Seen, end: number): string => {
  const count = (events: readonly TestEvent[]): string =>
    events.length === 0 ? 'absent' : `${failures(events)}/${events.length}`
  const isStale =
    {
      down: seen.checks,
      critical: seen.requests,
      degraded: seen.requests,
      unknown: [1],
      maintenance: [1],
      healthy: [...seen.requests, ...seen.checks],
    }[status].length === 0
  const quantiles = seen.quantiles.map((bounds) => bounds.join('-')).join(' ')
  return `${end} ${service.name} ${status}${isStale ? ' stale' : ''} since ${service.since} errors ${count(seen.requests)} checks ${count(seen.checks)} latency ${quantiles}`
}

const sliceLine = (
  layout: Layout,
  records: TestRecords,
  services: readonly Service[],
  end: number,
  previous: number | null,
): string => {
  const positions = [records.requests, records['health-checks'], records.facts].map((source) =>
    source.findIndex(({ timestampMs }) => timestampMs * 1000 >= end + layout.graceUs),
  )
  const firing = services.flatMap(({ alerts }) =>
    [...alerts.values()].filter(({ up }) => up !== null),
  )
  return `${end} slice after ${previous} rows ${services.length} alerts ${firing.length} at ${positions.join(' ')}`
}
