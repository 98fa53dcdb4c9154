/** The text of `bytes[start, end)`, or null where that is not UTF-8: overlong forms, surrogates and cut sequences are refused. */
export const decodeUtf8 = (bytes: Uint8Array, start: number, end: number): string | null => {
  let text = ''
  for (let at = start; at < end;) {
    const codePoint = codePointAt(bytes, at, end)
    if (codePoint < 0) return null
    text += String.fromCodePoint(codePoint)
    at += lengthOf(codePoint)
  }
  return text
}

/** Whether `decodeUtf8` would find text, without making it. */
export const isUtf8 = (bytes: Uint8Array, start: number, end: number): boolean => {
  for (let at = start; at < end;) {
    if (bytes[at]! < 0x80) at++
    else {
      const codePoint = codePointAt(bytes, at, end)
      if (codePoint < 0) return false
      at += lengthOf(codePoint)
    }
  }
  return true
}

/** The UTF-8 bytes of `text`; a lone surrogate is a programmer's mistake. */
export const encodeUtf8 = (text: string): Uint8Array => {
  // The key of every row that closes comes here, and most names are ASCII: characters are bytes then.
  const ascii = new Uint8Array(text.length)
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit > 127) return encodeBeyondAscii(text)
    ascii[i] = unit
  }
  return ascii
}

const encodeBeyondAscii = (text: string): Uint8Array => {
  const bytes: number[] = []
  for (const character of text) {
    const codePoint = character.codePointAt(0)!
    if (codePoint >= 0xd800 && codePoint <= 0xdfff)
      throw new RangeError(`UTF-8: ${JSON.stringify(text)} holds a lone surrogate`)
    const length = lengthOf(codePoint)
    if (length === 1) bytes.push(codePoint)
    else bytes.push(leads[length]! | (codePoint >>> (6 * (length - 1))))
    for (let left = length - 2; left >= 0; left--)
      bytes.push(0x80 | ((codePoint >>> (6 * left)) & 0x3f))
  }
  return Uint8Array.from(bytes)
}

/** The code point that starts at `at`, or -1. */
const codePointAt = (bytes: Uint8Array, at: number, end: number): number => {
  const lead = bytes[at]!
  if (lead < 0x80) return lead
  const length = lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 0
  if (length === 0 || at + length > end) return -1
  let codePoint = lead & (0x7f >>> length)
  for (let i = 1; i < length; i++) {
    const next = bytes[at + i]!
    if ((next & 0xc0) !== 0x80) return -1
    codePoint = (codePoint << 6) | (next & 0x3f)
  }
  const surrogate = codePoint >= 0xd800 && codePoint <= 0xdfff
  return codePoint > 0x10ffff || surrogate || lengthOf(codePoint) !== length ? -1 : codePoint
}

const lengthOf = (codePoint: number): number =>
  codePoint < 0x80 ? 1 : codePoint < 0x800 ? 2 : codePoint < 0x10000 ? 3 : 4

/** Marks of a first byte, by the length of its sequence. */
const leads = [0, 0, 0xc0, 0xe0, 0xf0]
