/**
 * The partition of a record with this key, as Kafka's Java client computes it: `toPositive(murmur2(key)) % partitions`. Every
 * producer of a keyed input has to agree on it.
 */
export const partitionOf = (key: Uint8Array, partitions: number): number =>
  (murmur2(key) & 0x7fff_ffff) % partitions

/** MurmurHash2 with the Java client's seed, as a signed 32-bit integer (org.apache.kafka.common.utils.Utils.murmur2). */
export const murmur2 = (bytes: Uint8Array): number => {
  const length = bytes.length
  let hash = seed ^ length
  let at = 0
  for (; at + 4 <= length; at += 4) {
    let word = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)
    word = Math.imul(word, multiplier)
    word = Math.imul(word ^ (word >>> 24), multiplier)
    hash = Math.imul(hash, multiplier) ^ word
  }
  const left = length - at
  if (left > 2) hash ^= bytes[at + 2]! << 16
  if (left > 1) hash ^= bytes[at + 1]! << 8
  if (left > 0) hash = Math.imul(hash ^ bytes[at]!, multiplier)
  hash = Math.imul(hash ^ (hash >>> 13), multiplier)
  return hash ^ (hash >>> 15)
}

const seed = 0x9747b28c
const multiplier = 0x5bd1e995
