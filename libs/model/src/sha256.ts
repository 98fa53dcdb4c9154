/**
 * SHA-256 (FIPS 180-4) of the UTF-8 bytes of `text`, as 64 hexadecimal digits, or the first 8 for each of so many words. The pure core may not import `node:crypto`, and ids
 * of alerts must not collide when somebody chooses names to make them; Node's implementation is the test's oracle.
 *
 * Written for speed, for every derived record has an id: with scratch space of its own, which one call fills and reads, and in 32-bit
 * integers throughout: twice as fast as with arrays made anew. Digits are put together as codes and become one string, which takes
 * a third of what eight strings take.
 */
export const sha256 = (text: string, words = 8): string => {
  const length = pad(text)
  for (let i = 0; i < 8; i++) state[i] = initial[i]!
  for (let at = 0; at < length; at += 64) compress(bytes, at)
  const codes = codesOf[words]!
  for (let i = 0; i < 8 * words; i++)
    codes[i] = digits.charCodeAt((state[i >>> 3]! >>> (28 - 4 * (i & 7))) & 15)
  return String.fromCharCode(...codes)
}

const digits = '0123456789abcdef'
/** By the number of words: room for the codes of their digits. */
const codesOf = Array.from({ length: 9 }, (_, words) => Array.from({ length: 8 * words }, () => 0))

let bytes = new Uint8Array(1024)
const state = new Int32Array(8)
const schedule = new Int32Array(64)

/** Writes text and padding to `bytes`; returns how many those are. */
const pad = (text: string): number => {
  const roomFor = 3 * text.length + 72
  if (bytes.length < roomFor) bytes = new Uint8Array(2 * roomFor)
  const end = putUtf8(text)
  const length = Math.ceil((end + 9) / 64) * 64
  for (let i = end; i < length; i++) bytes[i] = 0
  bytes[end] = 0x80
  for (let i = 0, rest = 8 * end; i < 8; i++, rest = Math.floor(rest / 256))
    bytes[length - 1 - i] = rest % 256
  return length
}

const putUtf8 = (text: string): number => {
  let at = 0
  for (let i = 0; i < text.length; i++) {
    let code = text.charCodeAt(i)
    if (code < 0x80) {
      bytes[at++] = code
      continue
    }
    if (code >= 0xd800 && code < 0xdc00) {
      // The second half of a pair is passed over with the first; a half alone is encoded as it stands.
      code = text.codePointAt(i)!
      if (code >= 0x10000) i++
    }
    if (code < 0x800) bytes[at++] = 0xc0 | (code >> 6)
    else {
      if (code < 0x10000) bytes[at++] = 0xe0 | (code >> 12)
      else {
        bytes[at++] = 0xf0 | (code >> 18)
        bytes[at++] = 0x80 | ((code >> 12) & 63)
      }
      bytes[at++] = 0x80 | ((code >> 6) & 63)
    }
    bytes[at++] = 0x80 | (code & 63)
  }
  return at
}

const compress = (block: Uint8Array, at: number): void => {
  const w = schedule
  for (let i = 0, p = at; i < 16; i++, p += 4)
    w[i] = (block[p]! << 24) | (block[p + 1]! << 16) | (block[p + 2]! << 8) | block[p + 3]!
  for (let i = 16; i < 64; i++) {
    const x = w[i - 15]!
    const y = w[i - 2]!
    const s0 = rotate(x, 7) ^ rotate(x, 18) ^ (x >>> 3)
    const s1 = rotate(y, 17) ^ rotate(y, 19) ^ (y >>> 10)
    w[i] = (((w[i - 16]! + s0) | 0) + ((w[i - 7]! + s1) | 0)) | 0
  }
  let a = state[0]!
  let b = state[1]!
  let c = state[2]!
  let d = state[3]!
  let e = state[4]!
  let f = state[5]!
  let g = state[6]!
  let h = state[7]!
  for (let i = 0; i < 64; i++) {
    const s1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)
    const chosen = (e & f) ^ (~e & g)
    const t1 = (((((h + s1) | 0) + chosen) | 0) + ((constants[i]! + w[i]!) | 0)) | 0
    const s0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)
    const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0
    h = g
    g = f
    f = e
    e = (d + t1) | 0
    d = c
    c = b
    b = a
    a = (t1 + t2) | 0
  }
  state[0]! += a
  state[1]! += b
  state[2]! += c
  state[3]! += d
  state[4]! += e
  state[5]! += f
  state[6]! += g
  state[7]! += h
}

const rotate = (word: number, by: number): number => (word >>> by) | (word << (32 - by))

const primes = ((): readonly number[] => {
  const found: number[] = []
  for (let n = 2; found.length < 64; n++) if (found.every((p) => n % p !== 0)) found.push(n)
  return found
})()
// Fractional parts of roots: 32 bits of a double's 52 are exact for primes this small.
const fraction = (root: number): number => ((root - Math.floor(root)) * 0x1_0000_0000) | 0
const constants = Int32Array.from(primes, (p) => fraction(Math.cbrt(p)))
const initial = Int32Array.from(primes.slice(0, 8), (p) => fraction(Math.sqrt(p)))
