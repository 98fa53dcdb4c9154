/** A position in a body that is being walked, and what was found so far. Functions return false with `fault` set where the body is broken. */
export type Walk = {
  readonly bytes: Uint8Array
  readonly from: number
  at: number
  steps: number
  taken: number
  /** The last integer read. */
  number: number
  fault: string
  path: string
  /** The first number that is valid Avro but out of range; the walk goes on, for broken bytes weigh more. */
  unfit: string | null
}

export const take = (walk: Walk, size: number): boolean => {
  if (size > bytesLeft(walk)) return broken(walk, 'ends in the middle')
  walk.at += size
  walk.taken += size
  return true
}

export const readLength = (walk: Walk, what: string): boolean => {
  if (!readInteger(walk, 10)) return false
  if (walk.number >= 0 && walk.number <= bytesLeft(walk)) return true
  return broken(walk, `${what} of ${walk.number} bytes, ${bytesLeft(walk)} left`)
}

export const readIndex = (walk: Walk, length: number, what: string): boolean => {
  if (!readInteger(walk, 10)) return false
  if (walk.number >= 0 && walk.number < length) return true
  return broken(walk, `${what} ${walk.number} of ${length}`)
}

/**
 * A zigzag varint in the fewest bytes possible, of at most 32 bits (five bytes) or 64 (ten). `number` is exact from -2^53 to
 * 2^53 - 1 and at least outside that range where the value is.
 */
export const readInteger = (walk: Walk, bytesMax: 5 | 10): boolean => {
  const { bytes } = walk
  const first = bytes[walk.at]
  if (first === undefined) return broken(walk, 'ends in the middle')
  if (first < 0x80) {
    walk.at++
    walk.number = (first >>> 1) ^ -(first & 1)
    return true
  }
  // The sign is taken apart from the magnitude, so that no digit is lost above 2^53.
  let magnitude = (first & 0x7f) >>> 1
  let scale = 64
  let length = 1
  let byte = first
  while (byte >= 0x80) {
    if (length === bytesMax) return broken(walk, 'integer that does not end')
    const next = bytes[walk.at + length]
    if (next === undefined) return broken(walk, 'ends in the middle')
    byte = next
    magnitude += (byte & 0x7f) * scale
    scale *= 128
    length++
  }
  if (byte === 0) return broken(walk, 'padded integer')
  // Of the last byte only the bits that are left over belong to the type: 32 - 4 * 7 and 64 - 9 * 7.
  if (length === bytesMax && byte > (bytesMax === 5 ? 0x0f : 0x01))
    return broken(walk, `integer over ${bytesMax === 5 ? 32 : 64} bits`)
  walk.at += length
  walk.number = (first & 1) === 1 ? -magnitude - 1 : magnitude
  return true
}

export const bytesLeft = (walk: Walk): number => walk.bytes.length - walk.at

export const endsHere = (walk: Walk): boolean =>
  bytesLeft(walk) === 0 || broken(walk, `${bytesLeft(walk)} bytes left over`)

export const broken = (walk: Walk, what: string): false => {
  walk.fault = `${what} at byte ${walk.at - walk.from}`
  return false
}
