/** Kafka's default partitioner for keyed records: MurmurHash2 of the key, in whole numbers without a sign. */
export const partitionOf = (key: string, partitions: number): number =>
  Number((murmur2(Buffer.from(key)) & 0x7fff_ffffn) % BigInt(partitions))

const word = (value: bigint): bigint => BigInt.asUintN(32, value)
const multiplier = 0x5bd1e995n

const murmur2 = (bytes: Buffer): bigint => {
  let hash = word(0x9747b28cn ^ BigInt(bytes.length))
  const whole = bytes.length - (bytes.length % 4)
  for (let at = 0; at < whole; at += 4) {
    let mixed = word(BigInt(bytes.readUInt32LE(at)) * multiplier)
    mixed = word((mixed ^ (mixed >> 24n)) * multiplier)
    hash = word(hash * multiplier) ^ mixed
  }
  const rest = [...bytes.subarray(whole)]
  for (const [i, byte] of rest.entries()) hash ^= BigInt(byte) << BigInt(8 * i)
  if (rest.length > 0) hash = word(hash * multiplier)
  hash = word((hash ^ (hash >> 13n)) * multiplier)
  return hash ^ (hash >> 15n)
}
