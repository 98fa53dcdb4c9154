import { base64Of, bytesOfBase64 } from '../base64.ts'
import type { RollingCounts } from './rolling-counts.ts'
import { olderSteps, ringOf, type StepRing } from './step-ring.ts'

// How counts stand in a checkpoint. Of each ring: newest step + 1, slots, valid and bad of the newest step; then the older steps, oldest
// first, in runs of equal ones: how much more are valid than in the step before, doubled, odd where the run is longer than one; the bad
// ones; and the length of such a run less two. All are variable-length integers of seven bits a byte, signed ones in zigzag. Checks that
// come every ten seconds are one run; a steady service takes some three bytes a step.

export const textOfCounts = ({ minutes, hours }: RollingCounts): string => {
  const end = putRing(putRing(0, minutes), hours)
  return base64Of(scratch.subarray(0, end))
}

/** The counts that `textOfCounts` wrote; anything else is a RangeError. */
export const countsOfText = (text: string): RollingCounts =>
  wholly(text, (reading) => ({ minutes: ring(reading), hours: ring(reading) }))

export const textOfRing = (ring: StepRing): string =>
  base64Of(scratch.subarray(0, putRing(0, ring)))

/** The ring that `textOfRing` wrote; anything else is a RangeError. */
export const ringOfText = (text: string): StepRing => wholly(text, ring)

/** Slots of both rings, each with three integers of at most seven bytes, and what stands before them. */
const scratch = new Uint8Array(1200 * 21 + 64)

const putRing = (from: number, ring: StepRing): number => {
  const older = olderSteps(ring)
  let at = putInteger(from, ring.newest + 1)
  at = putInteger(at, older.length / 2)
  at = putInteger(at, zigzag(ring.valid))
  at = putInteger(at, zigzag(ring.bad))
  let before = 0
  for (let i = 0; i < older.length;) {
    const valid = older[i]!
    const bad = older[i + 1]!
    let next = i + 2
    while (next < older.length && older[next] === valid && older[next + 1] === bad) next += 2
    const run = (next - i) / 2
    at = putInteger(at, 2 * zigzag(valid - before) + (run > 1 ? 1 : 0))
    at = putInteger(at, zigzag(bad))
    if (run > 1) at = putInteger(at, run - 2)
    before = valid
    i = next
  }
  return at
}

type Reading = { readonly bytes: Uint8Array; at: number }

const wholly = <T>(text: string, read: (reading: Reading) => T): T => {
  const reading: Reading = { bytes: bytesOfBase64(text), at: 0 }
  const value = read(reading)
  if (reading.at === reading.bytes.length) return value
  throw new RangeError(`counts: ${reading.bytes.length - reading.at} bytes too many`)
}

const slotsMax = 1000

const ring = (reading: Reading): StepRing => {
  const newest = integer(reading) - 1
  const slots = integer(reading)
  if (slots > slotsMax) throw new RangeError(`counts: ${slots} steps, at most ${slotsMax}`)
  const valid = unzigzag(integer(reading))
  const bad = unzigzag(integer(reading))
  const older: number[] = []
  let before = 0
  while (older.length < 2 * slots) {
    const head = integer(reading)
    before += unzigzag(Math.floor(head / 2))
    const badOfStep = unzigzag(integer(reading))
    const run = head % 2 === 1 ? integer(reading) + 2 : 1
    if (run > slots - older.length / 2)
      throw new RangeError(`counts: a run of ${run} steps beyond ${slots}`)
    for (let i = 0; i < run; i++) older.push(before, badOfStep)
  }
  return ringOf({ newest, valid, bad }, older)
}

// Divisions, for 32-bit shifts would cut what is above 2^31.
const putInteger = (from: number, value: number): number => {
  let at = from
  let rest = value
  while (rest >= 128) {
    scratch[at++] = (rest % 128) | 128
    rest = Math.floor(rest / 128)
  }
  scratch[at++] = rest
  return at
}

const integer = (reading: Reading): number => {
  let value = 0
  for (let scale = 1; ; scale *= 128) {
    const byte = reading.bytes[reading.at++]
    if (byte === undefined || scale > 2 ** 49)
      throw new RangeError(`counts: an integer at byte ${reading.at - 1} does not end`)
    value += (byte & 127) * scale
    if (byte < 128) return value
  }
}

const zigzag = (value: number): number => (value < 0 ? -2 * value - 1 : 2 * value)
const unzigzag = (value: number): number => (value % 2 === 1 ? -(value + 1) / 2 : value / 2)
