/** What rows and the like of one event may take: below the largest send, with room for key and frame. */
export const eventBytesMax = 800_000
/** What alerts beside them may take: notes of those who answered can be long. */
export const alertBytesMax = 250_000

/**
 * At most so many bytes does a value take in Avro, whatever its schema: each may be a member of a union, each number a long, and what is an
 * enum or a fixed there counts as the longer text that it is here. Bounds what a record holds without encoding it, which is not for the
 * core.
 */
export const bytesMaxOf = (value: unknown): number => {
  switch (typeof value) {
    case 'number':
      return branchBytes + longBytes
    case 'string':
      return branchBytes + lengthBytes + utf8BytesMax(value)
    case 'object': {
      if (value === null) return branchBytes
      // A block of items has a count in front and a zero behind.
      if (Array.isArray(value)) return value.reduce(add, branchBytes + lengthBytes + 1)
      let bytes = branchBytes
      for (const key in value) bytes += bytesMaxOf((value as Record<string, unknown>)[key])
      return bytes
    }
    default:
      return branchBytes + 1
  }
}

const branchBytes = 1
/** Zigzag of a safe integer is below 2^54. */
const longBytes = 8
const lengthBytes = 4

const add = (bytes: number, item: unknown): number => bytes + bytesMaxOf(item)

/** A character that is two units counts as six bytes and takes four. */
const utf8BytesMax = (text: string): number => {
  let bytes = 0
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    bytes += unit < 0x80 ? 1 : unit < 0x800 ? 2 : 3
  }
  return bytes
}

/** What is left of a list that begins with what matters most, when only so many bytes of it may be told. */
export const firstThatFit = <T>(items: readonly T[], bytesMax: number): readonly T[] => {
  let bytes = 0
  const end = items.findIndex((item) => (bytes += bytesMaxOf(item)) > bytesMax)
  return end < 0 ? items : items.slice(0, end)
}

/**
 * Items in groups, none of more than `most` or of more bytes than fit beside what else an event holds: `firstBytes` in the first one. An
 * item that fits nowhere has a group to itself. One group at least, be it empty.
 */
export const grouped = <T>(
  items: readonly T[],
  most: number,
  firstBytes: number,
): readonly (readonly T[])[] => {
  const groups: T[][] = []
  let group: T[] = []
  let bytes = firstBytes
  for (const item of items) {
    const more = bytesMaxOf(item)
    if (group.length === most || (group.length > 0 && bytes + more > eventBytesMax)) {
      groups.push(group)
      group = []
      bytes = 0
    }
    group.push(item)
    bytes += more
  }
  return [...groups, group]
}
