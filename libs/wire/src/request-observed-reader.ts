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
import { atFault, latencyFault, statusFault, type ReadResult } from './read-result.ts'

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
      openInput(input, bytes, start, end)
      return read(input, request)
    },
  })
}

type Fields = {
  -readonly [F in Exclude<keyof RequestObservedReader, 'read'>]: RequestObservedReader[F]
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
