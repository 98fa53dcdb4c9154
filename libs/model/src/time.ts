import type { Brand } from './brand.ts'

/** Microseconds since the Unix epoch: event times, window bounds. A safe integer. */
export type EpochUs = Brand<number, 'EpochUs'>
/** Milliseconds since the Unix epoch: record timestamps, stream clocks. A safe integer. */
export type EpochMs = Brand<number, 'EpochMs'>

export const epochUs = (value: number): EpochUs => {
  if (!Number.isSafeInteger(value) || value < 0)
    throw new RangeError(`time in microseconds: ${value} is not an integer of 0 to 2^53 - 1`)
  return value as EpochUs
}

export const epochMs = (value: number): EpochMs => {
  if (!Number.isSafeInteger(value) || value < 0)
    throw new RangeError(`time in milliseconds: ${value} is not an integer of 0 to 2^53 - 1`)
  return value as EpochMs
}

/** Half-open interval `[startUs, endUs)`, aligned to the epoch. */
export type Window = { readonly startUs: EpochUs; readonly endUs: EpochUs }

/** Start of the window of `sizeUs` that holds `atUs`. */
export const windowStartOf = (atUs: number, sizeUs: number): EpochUs =>
  (atUs - (atUs % sizeUs)) as EpochUs

/**
 * End of the newest window on the aligned grid that is closed at `clockMs`: the largest multiple of the size with
 * `clock >= end + grace`. Negative before the first one.
 */
export const closedThrough = (clockMs: number, sizeUs: number, graceUs: number): number =>
  Math.floor((clockMs * 1000 - graceUs) / sizeUs) * sizeUs

/** ISO 8601 in UTC with as many decimals as needed: none, three or six. */
export const isoOf = (atUs: number): string => {
  const ms = Math.floor(atUs / 1000)
  const us = atUs - ms * 1000
  const iso = new Date(ms).toISOString()
  if (us !== 0) return `${iso.slice(0, -1)}${String(us).padStart(3, '0')}Z`
  return iso.endsWith('.000Z') ? `${iso.slice(0, -5)}Z` : iso
}
