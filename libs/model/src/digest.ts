import type { Brand } from './brand.ts'

/**
 * Sum modulo 2^64 of a mix of each event's identity, as 16 hexadecimal digits: the same for every order and every cut of
 * the same events.
 */
export type Digest = Brand<string, 'Digest'>

export const emptyDigest = '0000000000000000' as Digest

export const digestOf = (high: number, low: number): Digest => (hex(high) + hex(low)) as Digest

export const addDigests = (a: Digest, b: Digest): Digest => {
  const low = parse(a, 8) + parse(b, 8)
  const high = parse(a, 0) + parse(b, 0) + (low > 0xffff_ffff ? 1 : 0)
  return digestOf(high, low)
}

const hex = (word: number): string => (word >>> 0).toString(16).padStart(8, '0')
const parse = (digest: Digest, from: number): number =>
  Number.parseInt(digest.slice(from, from + 8), 16)

/** The input records that something rests on: one range per input partition. Offsets of input topics only. */
export type InputRange = {
  readonly topic: 'requests' | 'health-checks'
  readonly partition: number
  readonly firstOffset: number
  readonly lastOffset: number
  /** Records that contributed, counted once for each window they contributed to. */
  readonly records: number
  readonly events: number
  readonly digest: Digest
}

/** Merges ranges of the same input partition; sorted by topic and partition. */
export const mergeInputRanges = (ranges: readonly InputRange[]): readonly InputRange[] => {
  const merged = new Map<string, InputRange>()
  for (const range of ranges) {
    const key = `${range.topic}/${range.partition}`
    const known = merged.get(key)
    merged.set(
      key,
      known === undefined
        ? range
        : {
            ...known,
            firstOffset: Math.min(known.firstOffset, range.firstOffset),
            lastOffset: Math.max(known.lastOffset, range.lastOffset),
            records: known.records + range.records,
            events: known.events + range.events,
            digest: addDigests(known.digest, range.digest),
          },
    )
  }
  return [...merged.values()].sort((a, b) =>
    a.topic === b.topic ? a.partition - b.partition : a.topic < b.topic ? -1 : 1,
  )
}
