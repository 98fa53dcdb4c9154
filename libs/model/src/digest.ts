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

const hex = (word: number): string =>
  pairs[word >>> 24]! +
  pairs[(word >>> 16) & 255]! +
  pairs[(word >>> 8) & 255]! +
  pairs[word & 255]!
/** Every output with evidence carries a digest: looked up, its text takes half the time. */
const pairs = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))
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
  const merged: Sum[] = []
  for (const range of ranges) {
    let sum: Sum | undefined
    // There are two, requests and health checks of one partition, hardly ever more.
    for (const known of merged)
      if (known.topic === range.topic && known.partition === range.partition) sum = known
    if (sum === undefined)
      merged.push({ ...range, high: parse(range.digest, 0), low: parse(range.digest, 8) })
    else addRange(sum, range)
  }
  if (merged.length > 1)
    merged.sort((a, b) =>
      a.topic === b.topic ? a.partition - b.partition : a.topic < b.topic ? -1 : 1,
    )
  // Field by field, which is several times as fast as to leave two out.
  return merged.map(({ topic, partition, firstOffset, lastOffset, records, events, high, low }) => {
    const digest = digestOf(high, low)
    return { topic, partition, firstOffset, lastOffset, records, events, digest }
  })
}

/** With the digest as two words of 32 bits, so that its text is read and written once. */
type Sum = { -readonly [K in keyof InputRange]: InputRange[K] } & { high: number; low: number }

const addRange = (sum: Sum, range: InputRange): void => {
  sum.firstOffset = Math.min(sum.firstOffset, range.firstOffset)
  sum.lastOffset = Math.max(sum.lastOffset, range.lastOffset)
  sum.records += range.records
  sum.events += range.events
  const low = sum.low + parse(range.digest, 8)
  sum.high = (sum.high + parse(range.digest, 0) + (low > 0xffff_ffff ? 1 : 0)) >>> 0
  sum.low = low >>> 0
}
