/**
 * A position in Avro bytes. The first fault is kept and ends the input: every later read finds nothing, so readers look at `fault`
 * once, when they are through.
 */
export type AvroInput = {
  bytes: Uint8Array
  start: number
  at: number
  end: number
  /** Where the open array block must end, or -1 when it did not say. */
  blockEnd: number
  fault: string | null
}

export const avroInput = (): AvroInput => ({
  bytes: new Uint8Array(0),
  start: 0,
  at: 0,
  end: 0,
  blockEnd: -1,
  fault: null,
})

export const openInput = (
  input: AvroInput,
  bytes: Uint8Array,
  start: number,
  end: number,
): void => {
  input.bytes = bytes
  input.start = start
  input.at = start
  input.end = end
  input.blockEnd = -1
  input.fault = null
}

/** Ends the input at its first fault; the value stands in for the one that is not there. */
export const fail = (input: AvroInput, what: string): 0 => {
  input.fault ??= `${what} at byte ${input.at - input.start}`
  input.at = input.end
  return 0
}

/** What a 64-bit value outside the safe integers reads as, with its sign. */
export const unsafeLong = 2 ** 53

/**
 * A `long`: zigzag, sign in the lowest bit, in the fewest bytes possible (a padded one is a fault, as is one over 64 bits). A value that
 * a double cannot hold reads as plus or minus 2^53, for the caller's range check to find.
 */
export const readLong = (input: AvroInput): number => {
  const { bytes, end, at } = input
  if (at >= end) return fail(input, 'ends in the middle')
  const first = bytes[at]!
  if (first < 0x80) {
    input.at = at + 1
    return (first >>> 1) ^ -(first & 1)
  }
  // The first byte holds the sign and six bits. 6 + 3 * 7 = 27 bits in the first four bytes, 28 in the next four.
  let low = (first & 0x7f) >>> 1
  let high = 0
  let byte = 0x80
  let next = at + 1
  for (let shift = 6; byte >= 0x80 && shift < 27; shift += 7) {
    if (next >= end) return fail(input, 'ends in the middle')
    byte = bytes[next++]!
    low |= (byte & 0x7f) << shift
  }
  for (let shift = 0; byte >= 0x80 && shift < 28; shift += 7) {
    if (next >= end) return fail(input, 'ends in the middle')
    byte = bytes[next++]!
    high |= (byte & 0x7f) << shift
  }
  if (byte >= 0x80) return readVeryLong(input, next)
  if (byte === 0) return fail(input, 'padded varint')
  input.at = next
  const magnitude = high >= 0x400_0000 ? unsafeLong : high * 0x800_0000 + low
  return (first & 1) === 1 ? -magnitude - 1 : magnitude
}

/**
 * A zigzag varint of at most four bytes: its value without the sign from bit 4 on, the sign in bit 3, its bytes in bits 0 to 2; 0 when it
 * is longer or padded. One number, so that nothing is allocated and nothing goes by way of memory.
 */
export const shortVarint = (bytes: Uint8Array, at: number): number => {
  const first = bytes[at]!
  if (first < 0x80) return (first << 3) | 1
  const second = bytes[at + 1]!
  if (second < 0x80) return second === 0 ? 0 : ((first & 0x7f) << 3) | (second << 10) | 2
  const third = bytes[at + 2]!
  const low = ((first & 0x7f) << 3) | ((second & 0x7f) << 10)
  if (third < 0x80) return third === 0 ? 0 : low | (third << 17) | 3
  const fourth = bytes[at + 3]!
  if (fourth >= 0x80 || fourth === 0) return 0
  return low | ((third & 0x7f) << 17) | (fourth << 24) | 4
}

/** Bytes nine and ten: no value that needs them is a safe integer. */
const readVeryLong = (input: AvroInput, ninthAt: number): number => {
  const { bytes, end, at } = input
  if (ninthAt >= end) return fail(input, 'ends in the middle')
  const ninth = bytes[ninthAt]!
  input.at = ninthAt + 1
  if (ninth === 0) return fail(input, 'padded varint')
  if (ninth >= 0x80) {
    if (ninthAt + 1 >= end) return fail(input, 'ends in the middle')
    const tenth = bytes[ninthAt + 1]!
    if (tenth !== 1) return fail(input, tenth === 0 ? 'padded varint' : 'varint over 64 bits')
    input.at = ninthAt + 2
  }
  return (bytes[at]! & 1) === 1 ? -unsafeLong : unsafeLong
}

/** An `int`: a long within 32 bits. */
export const readInt = (input: AvroInput): number => {
  const value = readLong(input)
  return value === (value | 0) ? value : fail(input, 'int over 32 bits')
}

/** A `boolean`: 0 or 1, nothing else. */
export const readBoolean = (input: AvroInput): boolean => {
  const byte = input.at < input.end ? input.bytes[input.at]! : -1
  if (byte !== 0 && byte !== 1) {
    fail(input, byte === -1 ? 'ends in the middle' : `boolean ${byte}`)
    return false
  }
  input.at++
  return byte === 1
}

/** The branch of a union of null and something: true where something follows. */
export const readPresence = (input: AvroInput): boolean => {
  const branch = readLong(input)
  if (branch === 0 || branch === 1) return branch === 1
  fail(input, `union branch ${branch}`)
  return false
}

/** Steps over a `fixed` and returns where it starts. */
export const skipFixed = (input: AvroInput, size: number): number => {
  const start = input.at
  if (input.end - start < size) return fail(input, 'ends in the middle')
  input.at = start + size
  return start
}

/** Steps over a `string` or `bytes` and returns where its content starts; it ends where the input then stands. */
export const skipString = (input: AvroInput): number => {
  const length = readLong(input)
  const start = input.at
  if (length < 0) return fail(input, `length ${length}`)
  if (length > input.end - start)
    return fail(input, `length ${length}, ${input.end - start} bytes left`)
  input.at = start + length
  return start
}

/**
 * Opens the next block of an array and returns its items; 0: the array has ended. A count is believed only when the bytes left could hold
 * as many items of `itemBytesMin`, and at most `itemsMax` of them; so nothing is allocated on the word of a count.
 */
export const readBlock = (input: AvroInput, itemBytesMin: number, itemsMax: number): number => {
  let count = readLong(input)
  input.blockEnd = -1
  if (count < 0) {
    count = -count
    const size = readLong(input)
    if (size < 0 || size > input.end - input.at)
      return fail(input, `block of ${size} bytes, ${input.end - input.at} left`)
    input.blockEnd = input.at + size
  }
  if (count * itemBytesMin > input.end - input.at)
    return fail(input, `block of ${count} items, ${input.end - input.at} bytes left`)
  if (count > itemsMax) return fail(input, `more items than allowed: ${count}, ${itemsMax} left`)
  return count
}

/** Checks, behind the items of a block, the size that the block gave. */
export const closeBlock = (input: AvroInput): void => {
  if (input.blockEnd !== -1 && input.at !== input.blockEnd)
    fail(input, `block does not end at byte ${input.blockEnd - input.start}`)
}

/** Ends the record: null, or what is wrong with it. */
export const closeInput = (input: AvroInput): string | null => {
  if (input.at !== input.end) fail(input, `${input.end - input.at} bytes left over`)
  return input.fault
}
