// Writes events for the acceptance test, and what must come of them, by arithmetic of its own.
//
//   node generate.mjs --out events.ndjson --expected expected.json [--seed 1] [--events 200000] [--services 50] [--partitions 4]
//                     [--window-seconds 10] [--grace-seconds 5] [--stamp event | --stamp broker --now-us N]
//
// The expectation holds when the lines are published in their order, one record each, on an empty log of that layout:
//
//   --stamp event    publish --stamp event --flush. A record's timestamp is the largest event time of its partition so far, so it is
//                    never behind its own event and nothing can be rejected as `future`. What is ahead of the others either takes the clock of its
//                    partition along, which makes others late (a few events here are 6 to 20 s ahead), or is more than an
//                    hour ahead of everything so far and is a bad line (the malformed class "jump").
//   --stamp broker   plain publish, begun before and finished within 5 s of the moment N. Timestamps are the log's own, so times are about
//                    N, with margins of seconds: in time (2 to 6 s ahead, where N is the earliest timestamp), an hour old
//                    (late) or an hour ahead (rejected, `future`).
//
// With RequestBatches instead of single records the clock moves once per batch, and other events are late: no expectation is given.
import { Buffer } from 'node:buffer'
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { eventsOf } from './events.mjs'
import { expectationOf } from './expect.mjs'
import { lineOf } from './lines.mjs'
import { jump, malformed } from './malformed.mjs'
import { pick, randomOf } from './random.mjs'

const second = 1_000_000
const maxJumpUs = 3600 * second

const { values } = parseArgs({
  options: {
    out: { type: 'string' },
    expected: { type: 'string' },
    seed: { type: 'string', default: '1' },
    events: { type: 'string', default: '200000' },
    services: { type: 'string', default: '50' },
    partitions: { type: 'string', default: '4' },
    'window-seconds': { type: 'string', default: '10' },
    'grace-seconds': { type: 'string', default: '5' },
    stamp: { type: 'string', default: 'event' },
    'now-us': { type: 'string' },
  },
})

const options = optionsOf(values)
const events = eventsOf(options)
const bad = writeLines(values.out, events, options)
const expectation = expectationOf(events, options)
const { windows, ...rest } = expectation
const head = { options, lines: events.length + bad.length, events: events.length, ...rest }
writeFileSync(
  values.expected,
  // One window a line, so that a difference can be looked up by eye.
  `{${JSON.stringify(head).slice(1, -1)},\n"malformed":[\n${rows(bad)}\n],\n"windows":[\n${rows(windows)}\n]}\n`,
)

function optionsOf(given) {
  for (const name of ['out', 'expected'])
    if (given[name] === undefined) throw new RangeError(`--${name} FILE is needed`)
  const number = (name, least) => {
    const value = Number(given[name])
    if (!Number.isSafeInteger(value) || value < least)
      throw new RangeError(`--${name} ${given[name]} is not an integer of at least ${least}`)
    return value
  }
  const count = number('events', 1)
  const shared = {
    seed: number('seed', 0),
    events: count,
    services: number('services', 1),
    partitions: number('partitions', 1),
    windowUs: number('window-seconds', 1) * second,
    graceUs: number('grace-seconds', 0) * second,
    skewUs: 10 * second,
  }
  if (given.stamp === 'broker') {
    const nowUs = number('now-us', 1)
    return { ...shared, nowUs, startUs: nowUs + 2 * second, spanUs: 4 * second }
  }
  if (given.stamp !== 'event') throw new RangeError(`--stamp ${given.stamp} is not event or broker`)
  // 2026-03-01T11:59:57.5Z: not the start of a window. 400 events a second.
  return { ...shared, startUs: 1_772_366_397_500_000, spanUs: Math.ceil((count * second) / 400) }
}

/** Writes the lines, one in 150 of them malformed, and returns which those are. */
function writeLines(path, good, { seed, nowUs }) {
  const random = randomOf(seed + 1)
  const classes = Object.keys(malformed)
  if (nowUs === undefined) classes.push('jump')
  const bad = []
  const lines = []
  let largestUs = 0
  for (const [index, event] of good.entries()) {
    lines.push(Buffer.from(lineOf(random, event)))
    largestUs = Math.max(largestUs, event.atUs)
    if (index % 149 !== 0) continue
    // Each class in its turn, so that all of them occur; then at random.
    const reason = classes[bad.length] ?? pick(random, classes)
    const line = reason === 'jump' ? jump(largestUs, maxJumpUs) : malformed[reason](event.atUs)
    lines.push(Buffer.from(line))
    bad.push({ line: lines.length, reason })
  }
  const newline = Buffer.from('\n')
  writeFileSync(path, Buffer.concat(lines.flatMap((line) => [line, newline])))
  return bad
}

function rows(list) {
  return list.map((row) => JSON.stringify(row)).join(',\n')
}
