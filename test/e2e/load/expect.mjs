import { Buffer } from 'node:buffer'
import { rangeUs } from './events.mjs'

const topics = { request: 'requests', 'health-check': 'health-checks' }

/**
 * What must come of events that are published in this order, one record each: the ledger of every partition, and every window with its
 * exact counts and order statistics. `options`: partitions, windowUs, graceUs, skewUs and, where the log stamps by itself, nowUs.
 */
export const expectationOf = (events, options) => {
  const partitions = new Map()
  const windows = new Map()
  let largestUs = null
  for (const event of events) {
    const topic = topics[event.kind]
    const partition = partitionOf(event.service, options.partitions)
    const ledger = entryOf(partitions, `${topic}/${partition}`, () => newLedger(topic, partition))
    // The record's own time moves the clock of its partition before the event is placed.
    ledger.clockUs = Math.max(ledger.clockUs, options.nowUs ?? event.atUs)
    if (options.nowUs === undefined) largestUs = Math.max(largestUs ?? 0, event.atUs)
    count(event, topic, ledger, windows, options)
  }
  const windowsAll = [...windows.values()].map(summaryOf)
  const closeUs =
    largestUs === null
      ? null
      : (Math.floor(largestUs / options.windowUs) + 1) * options.windowUs + options.graceUs
  return {
    partitions: [...partitions.values()].map(({ clockUs: _, ...ledger }) => ledger).sort(byPlace),
    flushMs: closeUs === null ? null : closeUs / 1000,
    windows: windowsAll.sort(byWindow),
  }
}

const count = (event, topic, ledger, windows, options) => {
  const { windowUs, graceUs, skewUs } = options
  // Clocks are whole milliseconds; event times are not.
  const clockUs = Math.floor(ledger.clockUs / 1000) * 1000
  const startUs = Math.floor(event.atUs / windowUs) * windowUs
  ledger.events++
  if (event.atUs > clockUs + skewUs) return void ledger.future++
  if (startUs + windowUs + graceUs <= clockUs) return void ledger.late++
  const window = entryOf(windows, `${topic}/${event.service}/${startUs}`, () => ({
    source: topic,
    service: event.service,
    startUs,
    endUs: startUs + windowUs,
    ids: new Set(),
    events: [],
  }))
  const id = event.id?.toLowerCase()
  if (id !== undefined && window.ids.has(id)) return void ledger.duplicate++
  if (id !== undefined) window.ids.add(id)
  ledger.aggregated++
  window.events.push(event)
}

const newLedger = (topic, partition) => ({
  topic,
  partition,
  events: 0,
  aggregated: 0,
  late: 0,
  duplicate: 0,
  future: 0,
  clockUs: 0,
})

const summaryOf = ({ source, service, startUs, endUs, events }) => {
  const shared = { source, service, startUs, endUs }
  if (source === 'health-checks') return { ...shared, ...outcomesOf(events) }
  const names = [...new Set(events.map(({ operation }) => operation))].sort()
  return {
    ...shared,
    ...countsOf(events),
    operations: names.map((operation) => ({
      operation,
      ...countsOf(events.filter((event) => event.operation === operation)),
    })),
  }
}

const outcomesOf = (events) => {
  const checks = {}
  for (const { check, passed } of events) {
    checks[check] ??= { passed: 0, failed: 0 }
    checks[check][passed ? 'passed' : 'failed']++
  }
  const passed = events.filter((event) => event.passed).length
  return { passed, failed: events.length - passed, checks }
}

/** Order statistics are exact, also above the range of the histogram, which knows of those only that they lie between its end and the maximum. */
const countsOf = (events) => {
  const statuses = {}
  for (const { status } of events) statuses[status] = (statuses[status] ?? 0) + 1
  const latencies = events.map(({ latencyUs }) => latencyUs).sort((a, b) => a - b)
  const rank = (perMille) => latencies[Math.ceil((latencies.length * perMille) / 1000) - 1]
  return {
    total: events.length,
    failed: events.filter(({ success }) => !success).length,
    statuses,
    overRange: latencies.filter((us) => us > rangeUs).length,
    latencyUs: {
      p50: rank(500),
      p95: rank(950),
      p99: rank(990),
      p999: rank(999),
      max: latencies.at(-1),
    },
  }
}

/** As Kafka's default partitioner does it: the lower 31 bits of murmur2 of the key, modulo the number of partitions. */
export const partitionOf = (service, partitions) => {
  const key = Buffer.from(service, 'utf8')
  const m = 0x5bd1e995n
  const mask = 0xffffffffn
  let h = (0x9747b28cn ^ BigInt(key.length)) & mask
  let i = 0
  for (; i + 4 <= key.length; i += 4) {
    let k = (BigInt(key.readUInt32LE(i)) * m) & mask
    k ^= k >> 24n
    k = (k * m) & mask
    h = ((h * m) & mask) ^ k
  }
  const tail = key.subarray(i)
  if (tail.length > 0) {
    for (const [at, byte] of tail.entries()) h ^= BigInt(byte) << BigInt(8 * at)
    h = (h * m) & mask
  }
  h ^= h >> 13n
  h = (h * m) & mask
  h ^= h >> 15n
  return Number((h & 0x7fffffffn) % BigInt(partitions))
}

const entryOf = (map, key, create) => {
  if (!map.has(key)) map.set(key, create())
  return map.get(key)
}

const byPlace = (a, b) =>
  a.topic === b.topic ? a.partition - b.partition : a.topic < b.topic ? -1 : 1

const byWindow = (a, b) => {
  if (a.source !== b.source) return a.source < b.source ? -1 : 1
  if (a.startUs !== b.startUs) return a.startUs - b.startUs
  return a.service < b.service ? -1 : 1
}
