/**
 * The memory of a verification is bounded by these, whatever the topics hold: input bytes that are read and not worked off, emitted bytes that
 * wait to be compared, and remembered causes, each of them over all partitions. A partition gets its share, but not less than the least.
 */
export const readBytesAll = 64 * 1024 * 1024
export const emittedBytesAll = 64 * 1024 * 1024
const recentAll = 500_000

const shareBytesLeast = 256 * 1024
const shareBytesMost = 4 * 1024 * 1024

export const share = (bytesAll: number, count: number): number =>
  Math.max(shareBytesLeast, Math.min(shareBytesMost, Math.floor(bytesAll / count)))

/** Causes that are remembered of each source, of which a partition has nine. */
export const recentMax = (partitions: number): number =>
  Math.max(64, Math.min(4096, Math.floor(recentAll / (partitions * 9))))
