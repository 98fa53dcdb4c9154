import {
  avroInput,
  closeInput,
  openInput,
  readBoolean,
  readInt,
  readLong,
  readPresence,
  skipFixed,
  skipString,
  type AvroInput,
} from './avro-input.ts'
import { atFault, latencyFault, statusFault, statusMax, type ReadResult } from './read-result.ts'

/** The last `RequestObserved` read, overwritten by the next. Ranges are half-open positions in the bytes given. */
export type RequestObservedReader = {
  /** 16 bytes; -1: the request has no id. */
  readonly idStart: number
  readonly serviceStart: number
  readonly serviceEnd: number
  readonly operationStart: number
  readonly operationEnd: number
  readonly atUs: number
  readonly latencyUs: number
  readonly status: number
  readonly success: boolean
  /** What is wrong, unless the last result was `ok`. */
  readonly detail: string
  /** Reads the body in `bytes[start, end)`, which it must fill exactly. */
  readonly read: (bytes: Uint8Array, start: number, end: number) => ReadResult
}

export const requestObservedReader = (): RequestObservedReader => {
  const input = avroInput()
  const request = {
    idStart: -1,
    serviceStart: 0,
    serviceEnd: 0,
    operationStart: 0,
    operationEnd: 0,
    // NaN makes the engine keep these as doubles from the beginning.
    atUs: Number.NaN,
    latencyUs: Number.NaN,
    status: 0,
    success: false,
    detail: '',
  }
  return Object.assign(request, {
    read: (bytes: Uint8Array, start: number, end: number): ReadResult => {
      if (isUsual(request, bytes, start, end)) return 'ok'
      openInput(input, bytes, start, end)
      return read(input, request)
    },
  })
}

type Fields = {
  -readonly [F in Exclude<keyof RequestObservedReader, 'read'>]: RequestObservedReader[F]
}

/**
 * Reads a good event of the usual form at once: names under 64 bytes, a time in eight bytes (1978 to 2255), a latency in at most
 * four (134 s), everything in range. Anything else, faults included, is left to `read`, the plain version. Measured: 25 ns
 * instead of 70 ns an event.
 */
const isUsual = (request: Fields, bytes: Uint8Array, start: number, end: number): boolean => {
  // Before the names: branch 1, id 16 or none, two lengths; behind them 11 bytes or more.
  if (end - start < 14) return false
  const branch = bytes[start]!
  if (branch !== 0 && branch !== 2) return false
  request.idStart = branch === 2 ? start + 1 : -1
  const serviceAt = branch === 2 ? start + 17 : start + 1
  if (serviceAt >= end) return false
  const serviceLength = bytes[serviceAt]!
  if ((serviceLength & 0x81) !== 0) return false
  request.serviceStart = serviceAt + 1
  const operationAt = (request.serviceEnd = serviceAt + 1 + (serviceLength >>> 1))
  if (operationAt >= end) return false
  const operationLength = bytes[operationAt]!
  if ((operationLength & 0x81) !== 0) return false
  request.operationStart = operationAt + 1
  const at = (request.operationEnd = operationAt + 1 + (operationLength >>> 1))
  return end - at >= 11 && isUsualTail(request, bytes, at, end)
}

/** The eight bytes of the time, one to four of the latency, one or two of the status, one of success. */
const isUsualTail = (request: Fields, bytes: Uint8Array, at: number, end: number): boolean => {
  const b0 = bytes[at]!
  const b1 = bytes[at + 1]!
  const b2 = bytes[at + 2]!
  const b3 = bytes[at + 3]!
  const b4 = bytes[at + 4]!
  const b5 = bytes[at + 5]!
  const b6 = bytes[at + 6]!
  const b7 = bytes[at + 7]!
  // Seven bytes that go on, one that ends; bit 0 of the first is the sign; with b7 below 0x20 the value is below 2^53.
  if ((b0 & b1 & b2 & b3 & b4 & b5 & b6 & 0x80) === 0) return false
  if ((b0 & 1) === 1 || b7 === 0 || b7 >= 0x20) return false
  const low = ((b0 & 0x7e) >>> 1) | ((b1 & 0x7f) << 6) | ((b2 & 0x7f) << 13) | ((b3 & 0x7f) << 20)
  const high = (b4 & 0x7f) | ((b5 & 0x7f) << 7) | ((b6 & 0x7f) << 14) | (b7 << 21)
  request.atUs = high * 0x800_0000 + low

  let next = at + 8
  let byte = bytes[next++]!
  let zigzag = byte & 0x7f
  for (let shift = 7; byte >= 0x80 && shift < 28 && next < end; shift += 7) {
    byte = bytes[next++]!
    zigzag |= (byte & 0x7f) << shift
    if (byte === 0) return false
  }
  if (byte >= 0x80 || (zigzag & 1) === 1) return false
  request.latencyUs = zigzag >>> 1

  // Two bytes or three are left, and the status ends before the last.
  const left = end - next
  byte = bytes[next]!
  const second = left === 3 ? bytes[next + 1]! : 0
  if (left === 2 ? byte >= 0x80 : left !== 3 || byte < 0x80 || second === 0) return false
  const status = (byte & 0x7f) | (second << 7)
  const success = bytes[end - 1]!
  if ((status & 1) === 1 || status > 2 * statusMax || success > 1) return false
  request.status = status >>> 1
  request.success = success === 1
  return true
}

/** In the order of schemas/RequestObserved.avsc. */
const read = (input: AvroInput, request: Fields): ReadResult => {
  request.idStart = readPresence(input) ? skipFixed(input, 16) : -1
  request.serviceStart = skipString(input)
  request.serviceEnd = input.at
  request.operationStart = skipString(input)
  request.operationEnd = input.at
  const atUs = (request.atUs = readLong(input))
  const latencyUs = (request.latencyUs = readLong(input))
  const status = (request.status = readInt(input))
  request.success = readBoolean(input)
  const fault = closeInput(input)
  if (fault !== null) {
    request.detail = fault
    return 'bad_avro'
  }
  const valueFault = atFault(atUs) ?? latencyFault(latencyUs) ?? statusFault(status)
  if (valueFault === null) return 'ok'
  request.detail = valueFault
  return 'bad_value'
}
