/**
 * SHA-256 (FIPS 180-4) of the UTF-8 bytes of `text`, as 64 hexadecimal digits. The pure core may not import `node:crypto`, and ids
 * of alerts must not collide when somebody chooses names to make them; Node's implementation is the test's oracle.
 */
export const sha256 = (text: string): string => {
  const bytes = padded(text)
  const state = Uint32Array.from(initial)
  const schedule = new Uint32Array(64)
  for (let at = 0; at < bytes.length; at += 64) compress(state, schedule, bytes, at)
  let hex = ''
  for (const word of state) hex += word.toString(16).padStart(8, '0')
  return hex
}

const padded = (text: string): Uint8Array => {
  const unpadded = utf8Bytes(text)
  const bytes = new Uint8Array(Math.ceil((unpadded.length + 9) / 64) * 64)
  bytes.set(unpadded)
  bytes[unpadded.length] = 0x80
  const view = new DataView(bytes.buffer)
  view.setUint32(bytes.length - 8, Math.floor(unpadded.length / 0x2000_0000))
  view.setUint32(bytes.length - 4, (unpadded.length << 3) >>> 0)
  return bytes
}

const utf8Bytes = (text: string): number[] => {
  const bytes: number[] = []
  for (const character of text) {
    const code = character.codePointAt(0) as number
    if (code < 0x80) bytes.push(code)
    else if (code < 0x800) bytes.push(0xc0 | (code >> 6), 0x80 | (code & 63))
    else if (code < 0x10000)
      bytes.push(0xe0 | (code >> 12), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63))
    else
      bytes.push(
        0xf0 | (code >> 18),
        0x80 | ((code >> 12) & 63),
        0x80 | ((code >> 6) & 63),
        0x80 | (code & 63),
      )
  }
  return bytes
}

const compress = (state: Uint32Array, w: Uint32Array, bytes: Uint8Array, at: number): void => {
  for (let i = 0; i < 16; i++) {
    const p = at + i * 4
    w[i] = (bytes[p]! << 24) | (bytes[p + 1]! << 16) | (bytes[p + 2]! << 8) | bytes[p + 3]!
  }
  for (let i = 16; i < 64; i++) {
    const x = w[i - 15]!
    const y = w[i - 2]!
    const s0 = rotate(x, 7) ^ rotate(x, 18) ^ (x >>> 3)
    const s1 = rotate(y, 17) ^ rotate(y, 19) ^ (y >>> 10)
    w[i] = w[i - 16]! + s0 + w[i - 7]! + s1
  }
  let [a, b, c, d, e, f, g, h] = state as unknown as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ]
  for (let i = 0; i < 64; i++) {
    const s1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)
    const t1 = (h + s1 + ((e & f) ^ (~e & g)) + constants[i]! + w[i]!) | 0
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
  const sums = [a, b, c, d, e, f, g, h]
  for (let i = 0; i < 8; i++) state[i] = state[i]! + sums[i]!
}

const rotate = (word: number, by: number): number => (word >>> by) | (word << (32 - by))

const primes = ((): readonly number[] => {
  const found: number[] = []
  for (let n = 2; found.length < 64; n++) if (found.every((p) => n % p !== 0)) found.push(n)
  return found
})()
// Fractional parts of roots: 32 bits of a double's 52 are exact for primes this small.
const fraction = (root: number): number => ((root - Math.floor(root)) * 0x1_0000_0000) >>> 0
const constants = primes.map((p) => fraction(Math.cbrt(p)))
const initial = primes.slice(0, 8).map((p) => fraction(Math.sqrt(p)))
