import type { OracleEvent } from './fates.ts'

/** The sum modulo 2^64 of the events' mixes, as 16 hexadecimal digits. */
export const digestOf = (events: readonly OracleEvent[]): string => {
  const total = events.reduce((sum, event) => sum + mixOf(identityBytes(event)), 0n)
  return BigInt.asUintN(64, total).toString(16).padStart(16, '0')
}

/** An id, a batch id and the index in the batch, or for an event without an id its offset. */
const identityBytes = ({ identity, offset }: OracleEvent): Buffer => {
  if (identity === null) {
    const bytes = Buffer.alloc(16)
    bytes.writeBigUInt64LE(BigInt(offset))
    return bytes
  }
  const [id, index] = identity.split('/')
  const bytes = Buffer.alloc(index === undefined ? 16 : 20)
  bytes.write(id!, 'hex')
  if (index !== undefined) bytes.writeUInt32LE(Number(index), 16)
  return bytes
}

const rotated = (word: number, bits: number): number =>
  ((word << bits) | (word >>> (32 - bits))) >>> 0

/** Of each lane: two factors, how far a word and a lane are rotated, and what is added. */
const lanes = [
  [0x239b961b, 0xab0e9789, 15, 19, 0x561ccd1b],
  [0xab0e9789, 0x38b34ae5, 16, 17, 0x0bcaa747],
  [0x38b34ae5, 0xa1e38b93, 17, 15, 0x96cd1c35],
  [0xa1e38b93, 0x239b961b, 18, 13, 0x32ac3b17],
] as const

/** The first 64 bits of MurmurHash3_x86_128 with seed 0, of 16 or 20 bytes. */
const mixOf = (bytes: Buffer): bigint => {
  const word = (lane: number, value: number): number => {
    const [first, second, bits] = lanes[lane]!
    return Math.imul(rotated(Math.imul(value, first), bits), second)
  }
  const h = [0, 0, 0, 0] as [number, number, number, number]
  for (const [lane, [, , , bits, added]] of lanes.entries()) {
    const mixed = rotated(h[lane]! ^ word(lane, bytes.readUInt32LE(4 * lane)), bits)
    h[lane] = (Math.imul(mixed + h[(lane + 1) % 4]!, 5) + added) >>> 0
  }
  if (bytes.length > 16) h[0] ^= word(0, bytes.readUInt32LE(16))
  for (const lane of [0, 1, 2, 3]) h[lane]! ^= bytes.length
  spread(h)
  for (const lane of [0, 1, 2, 3]) h[lane] = avalanche(h[lane]!)
  spread(h)
  return (BigInt(h[1] >>> 0) << 32n) | BigInt(h[0] >>> 0)
}

const spread = (h: [number, number, number, number]): void => {
  h[0] = (h[0] + h[1] + h[2] + h[3]) >>> 0
  for (const lane of [1, 2, 3]) h[lane] = (h[lane]! + h[0]) >>> 0
}

const avalanche = (word: number): number => {
  let mixed = Math.imul(word ^ (word >>> 16), 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
  return (mixed ^ (mixed >>> 16)) >>> 0
}
