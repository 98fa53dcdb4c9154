import { bell, integer, pick, randomOf, uuid } from './random.mjs'

const second = 1_000_000
export const rangeUs = 600 * second

const operations = [
  'GET /cart',
  'POST /cart/items',
  'GET /products/{id}',
  'job:nightly',
  'GET /café',
  'SUBSCRIBE 注文',
  'say "hi"\\there',
  'x'.repeat(256),
  '',
]
const checks = ['http', 'tcp', '']

/** Services with a few operations each; the first ones have most of the traffic. */
const servicesOf = (random, count) =>
  Array.from({ length: count }, (_, index) => ({
    service: pick(random, ['svc-', 'team.a/', 'Shop_']) + String(index),
    weight: 1 / (index + 1),
    medianUs: Math.round(3000 * 2 ** (random() * 8)),
    errorShare: pick(random, [0, 0.001, 0.01, 0.07, 0.2]),
    downShare: pick(random, [0, 0, 0.01, 0.1]),
    operations: Array.from({ length: integer(random, 1, 5) }, () => pick(random, operations)),
  }))

/**
 * Well-formed events in the order in which they are sent: `{ sentUs, kind, ... }`. `options`: seed, events, services, windowUs, startUs,
 * spanUs and, where the log stamps the records by itself, nowUs.
 */
export const eventsOf = (options) => {
  const random = randomOf(options.seed)
  const services = servicesOf(random, options.services)
  const total = services.reduce((sum, { weight }) => sum + weight, 0)
  const pickService = () => {
    let left = random() * total
    return services.find(({ weight }) => (left -= weight) < 0) ?? services[0]
  }
  const events = []
  while (events.length < options.events) {
    const event = eventAt(random, pickService(), momentOf(random, options))
    event.sentUs = sentOf(random, event, options)
    events.push(event)
    if (random() < 0.015 && events.length < options.events)
      events.push(repeatOf(random, event, options))
  }
  if (options.nowUs === undefined) leap(random, events)
  // Sorting is stable, so equal moments keep the order of their making.
  events.sort((a, b) => a.sentUs - b.sentUs)
  // Jumps are measured from the first event on, so that must not be one that is long late.
  const first = events.findIndex(({ atUs }) => atUs >= options.startUs)
  return [...events.splice(first, 1), ...events]
}

/** Somewhere in the span; now and then exactly at an edge of a window. */
const momentOf = (random, { startUs, spanUs, windowUs }) => {
  const atUs = startUs + Math.floor(random() * spanUs)
  if (random() > 0.01) return atUs
  const edgeUs = Math.ceil(atUs / windowUs) * windowUs - integer(random, 0, 1)
  return edgeUs < startUs + spanUs ? edgeUs : atUs
}

const eventAt = (random, profile, atUs) => {
  const id = random() < 0.05 ? null : uuid(random)
  const shared = { id, service: profile.service, atUs }
  if (random() < 0.1) {
    const passed = random() >= profile.downShare
    return { kind: 'health-check', ...shared, check: pick(random, checks), passed }
  }
  const status = random() < profile.errorShare ? pick(random, [500, 503, 504, 429]) : 200
  const latencyUs =
    random() < 0.0005
      ? rangeUs + integer(random, 0, 900) * second
      : Math.max(0, Math.round(profile.medianUs * Math.exp(0.6 * bell(random))))
  // Mostly success is what the status says; sometimes the producer knows better.
  const success = random() < 0.02 ? random() < 0.5 : status < 500 && status !== 429
  return {
    kind: 'request',
    ...shared,
    operation: pick(random, profile.operations),
    latencyUs,
    status,
    success,
  }
}

/**
 * When an event is sent: mostly at once, often in disorder of up to 3 s, and now and then so late that its window is closed. Where the log
 * stamps by itself there is no order to disturb: there, what is late is an hour old and what is future an hour ahead.
 */
const sentOf = (random, event, { nowUs }) => {
  const lot = random()
  if (nowUs !== undefined) {
    if (lot < 0.01) event.atUs -= 3600 * second
    else if (lot < 0.02) event.atUs += 3600 * second
    return random()
  }
  if (lot < 0.7) return event.atUs + integer(random, 0, 50_000)
  if (lot < 0.99) return event.atUs + integer(random, 0, 3 * second)
  if (lot < 0.998) return event.atUs + integer(random, 3 * second, 90 * second)
  const sentUs = event.atUs
  event.atUs -= pick(random, [60, 3600, 86_400]) * second
  return sentUs
}

/** The same id again: as it was, in capitals, with other content, in another window, of another service or kind. */
const repeatOf = (random, event, options) => {
  const again = { ...event, sentUs: event.sentUs + integer(random, 0, 8 * second) }
  switch (integer(random, 0, 7)) {
    case 0:
      again.id = again.id?.toUpperCase() ?? null
      break
    case 1:
      if (again.kind === 'request') again.latencyUs += 1
      else again.passed = !again.passed
      break
    case 2:
      again.atUs +=
        again.atUs + options.windowUs < options.startUs + options.spanUs ? options.windowUs : 0
      again.sentUs = Math.max(again.sentUs, again.atUs)
      break
    case 3:
      again.service = `${again.service}-twin`
      break
    case 4:
      if (again.kind === 'request') {
        const { id, service, atUs, sentUs } = again
        return { kind: 'health-check', id, service, atUs, sentUs, check: '', passed: true }
      }
      break
    default:
  }
  return again
}

/** A few events of clocks that are ahead: stamped with their own time they take the clock of their partition with them. */
const leap = (random, events) => {
  const leaps = Math.ceil(events.length / 25_000)
  for (let i = 0; i < leaps; i++) {
    const event = pick(random, events)
    event.atUs += integer(random, 6 * second, 20 * second)
  }
}
