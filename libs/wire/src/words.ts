// Ranges of bytes four at a time. The last word of a range of at least four bytes overlaps the one before, so that no loop over single
// bytes, whose length nobody can guess, stands behind that over words.

export const viewOf = (bytes: Uint8Array): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.length)

/** The last four bytes of `view[start, end)`, as a little-endian word; of a shorter range all of them, below zeros. */
export const lastWord = (view: DataView, start: number, end: number): number => {
  if (end - start >= 4) return view.getInt32(end - 4, true)
  let word = 0
  for (let at = end - 1; at >= start; at--) word = (word << 8) | view.getUint8(at)
  return word
}

/** Whether `view[start, end)` holds the same bytes as `other` from `otherStart` on, which has as many. */
export const isEqualRange = (
  view: DataView,
  start: number,
  end: number,
  other: DataView,
  otherStart: number,
): boolean => {
  const shift = otherStart - start
  for (let at = start; at + 4 < end; at += 4)
    if (view.getInt32(at, true) !== other.getInt32(at + shift, true)) return false
  return lastWord(view, start, end) === lastWord(other, otherStart, end + shift)
}
