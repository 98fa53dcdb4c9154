import { CorruptLogError } from '@tidemark/log'
import {
  attributesAt,
  batchHeaderBytes,
  compressionBits,
  int64At,
  lengthPrefixBytes,
} from '@tidemark/wire'
import { gunzipSync, zstdDecompressSync } from 'node:zlib'
import type { FetchedSection } from './fetch-answer.ts'

/** The most that one batch may unpack to: brokers store batches of about 1 MB, and a megabyte of gzip can hold a gigabyte. */
const inflatedBytesMax = 16 * 1024 * 1024

/**
 * The same batch uncompressed. Topics are provisioned with `compression.type=uncompressed`, so that brokers unpack what producers pack;
 * this is for topics whose setting was changed. The checksum, checked before, is not that of the new bytes.
 */
export const inflateBatch = (section: FetchedSection, at: number, length: number): Uint8Array => {
  const { records } = section
  const body = inflate(section, at, records.subarray(at + batchHeaderBytes, at + length))
  const batch = new Uint8Array(batchHeaderBytes + body.length)
  batch.set(records.subarray(at, at + batchHeaderBytes))
  batch.set(body, batchHeaderBytes)
  new DataView(batch.buffer).setInt32(8, batch.length - lengthPrefixBytes)
  batch[attributesAt + 1]! &= ~compressionBits
  return batch
}

const inflate = (section: FetchedSection, at: number, packed: Uint8Array): Uint8Array => {
  const { topic, partition, records } = section
  const where = `${topic}/${partition}: the batch at offset ${int64At(records, at)}`
  const codec = records[at + attributesAt + 1]! & compressionBits
  try {
    if (codec === 1) return gunzipSync(packed, { maxOutputLength: inflatedBytesMax })
    if (codec === 4) return zstdDecompressSync(packed, { maxOutputLength: inflatedBytesMax })
  } catch (error) {
    throw new CorruptLogError(
      `${where} cannot be unpacked into ${inflatedBytesMax} bytes: ${String(error)}`,
      { cause: error },
    )
  }
  const name = codec === 2 ? 'snappy' : codec === 3 ? 'lz4' : `codec ${codec}`
  throw new CorruptLogError(
    `${where} is compressed with ${name}, which is not read: set compression.type=uncompressed on the topic, and write it again`,
  )
}
