/**
 * Copies of the first `length` bytes of what it is given. Of at most `sharedBytesMax` bytes they are views of slabs of `slabBytes`, one after the
 * other: whoever holds one of them holds all of its slab. Longer ones have memory of their own.
 */
export const slabCopies = (
  slabBytes: number,
  sharedBytesMax: number,
): ((bytes: Uint8Array, length?: number) => Uint8Array) => {
  let slab = new Uint8Array(slabBytes)
  let used = 0
  return (bytes, length = bytes.length) => {
    if (length > sharedBytesMax) return bytes.slice(0, length)
    if (used + length > slabBytes) {
      slab = new Uint8Array(slabBytes)
      used = 0
    }
    const copy = slab.subarray(used, used + length)
    copy.set(length === bytes.length ? bytes : bytes.subarray(0, length))
    used += length
    return copy
  }
}
