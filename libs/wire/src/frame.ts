import type { Fingerprint } from './fingerprint.ts'

/** The schemas that may stand in front of a body; `S` is whatever the caller wants to get back for one. */
export type FrameSchemas<S> = {
  readonly fingerprints: readonly { readonly fingerprint: Fingerprint; readonly schema: S }[]
  /** By registry id; null: no registry is configured, and its frame is none. */
  readonly registryIds: ReadonlyMap<number, S> | null
}

export type FrameFault = 'bad_frame' | 'unknown_schema'

/** Tells by which schema a record value was written; its fields describe the last one read. */
export type FrameReader<S> = {
  /** Why the last value has no schema; null after one that has. */
  readonly fault: FrameFault | null
  readonly detail: string
  /** Where the body starts. */
  readonly bodyStart: number
  /**
   * The schema of the value in `bytes[start, end)`, or null with `fault` set. Two frames are known: Avro's single-object encoding
   * (`C3 01`, fingerprint in little-endian order) and, with a registry, Confluent's (`00`, id in big-endian order).
   */
  readonly read: (bytes: Uint8Array, start: number, end: number) => S | null
}

export const singleObjectHeaderBytes = 10
export const registryHeaderBytes = 5

export const frameReader = <S>(schemas: FrameSchemas<S>): FrameReader<S> => {
  const frame: Frame = { fault: null, detail: '', bodyStart: 0 }
  return Object.assign(frame, {
    read: (bytes: Uint8Array, start: number, end: number): S | null => {
      frame.fault = null
      const first = end > start ? bytes[start]! : -1
      if (first === 0xc3) return readSingleObject(schemas, frame, bytes, start, end)
      if (first === 0 && schemas.registryIds !== null)
        return readRegistry(schemas.registryIds, frame, bytes, start, end)
      return fail(frame, 'bad_frame', first === -1 ? 'empty value' : `first byte ${hexByte(first)}`)
    },
  })
}

/** What stands in front of a body in single-object encoding. */
export const singleObjectHeader = ({ high, low }: Fingerprint): Uint8Array =>
  Uint8Array.of(
    0xc3,
    0x01,
    ...[0, 8, 16, 24].map((shift) => (low >>> shift) & 0xff),
    ...[0, 8, 16, 24].map((shift) => (high >>> shift) & 0xff),
  )

type Frame = { fault: FrameFault | null; detail: string; bodyStart: number }

const readSingleObject = <S>(
  { fingerprints }: FrameSchemas<S>,
  frame: Frame,
  bytes: Uint8Array,
  start: number,
  end: number,
): S | null => {
  if (end - start < singleObjectHeaderBytes)
    return fail(frame, 'bad_frame', `${end - start} bytes, the frame alone takes 10`)
  if (bytes[start + 1] !== 1)
    return fail(frame, 'bad_frame', `first bytes c3 ${hexByte(bytes[start + 1]!)}`)
  const low = wordAt(bytes, start + 2)
  const high = wordAt(bytes, start + 6)
  for (const { fingerprint, schema } of fingerprints) {
    if (fingerprint.low >>> 0 !== low || fingerprint.high >>> 0 !== high) continue
    frame.bodyStart = start + singleObjectHeaderBytes
    return schema
  }
  const digits = [high, low].map((word) => word.toString(16).padStart(8, '0')).join('')
  return fail(frame, 'unknown_schema', `fingerprint ${digits}`)
}

const readRegistry = <S>(
  registryIds: ReadonlyMap<number, S>,
  frame: Frame,
  bytes: Uint8Array,
  start: number,
  end: number,
): S | null => {
  if (end - start < registryHeaderBytes)
    return fail(frame, 'bad_frame', `${end - start} bytes, the frame alone takes 5`)
  const id =
    ((bytes[start + 1]! << 24) |
      (bytes[start + 2]! << 16) |
      (bytes[start + 3]! << 8) |
      bytes[start + 4]!) >>>
    0
  const schema = registryIds.get(id)
  if (schema === undefined) return fail(frame, 'unknown_schema', `registry id ${id}`)
  frame.bodyStart = start + registryHeaderBytes
  return schema
}

const fail = (frame: Frame, fault: FrameFault, detail: string): null => {
  frame.fault = fault
  frame.detail = detail
  return null
}

const wordAt = (bytes: Uint8Array, at: number): number =>
  (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0

const hexByte = (byte: number): string => byte.toString(16).padStart(2, '0')
