import { textFault } from '@tidemark/model'
import {
  avroInput,
  closeInput,
  fail,
  openInput,
  readBoolean,
  readLong,
  readPresence,
  skipFixed,
  skipString,
  type AvroInput,
} from './avro-input.ts'
import { atFault, latencyFault, type ReadResult } from './read-result.ts'
import { decodeUtf8 } from './utf8.ts'

/** The last `HealthChecked` read, overwritten by the next. Ranges are half-open positions in the bytes given. */
export type HealthCheckedReader = {
  /** 16 bytes; -1: the check has no id. */
  readonly idStart: number
  readonly serviceStart: number
  readonly serviceEnd: number
  readonly checkStart: number
  readonly checkEnd: number
  readonly atUs: number
  readonly passed: boolean
  /** -1: null. */
  readonly latencyUs: number
  readonly reasonStart: number
  /** -1: null. Unlike the names, the reason is checked here: nobody interns it. */
  readonly reasonEnd: number
  /** What is wrong, unless the last result was `ok`. */
  readonly detail: string
  /** Reads the body in `bytes[start, end)`, which it must fill exactly. */
  readonly read: (bytes: Uint8Array, start: number, end: number) => ReadResult
}

export const healthCheckedReader = (): HealthCheckedReader => {
  const input = avroInput()
  const check = {
    idStart: -1,
    serviceStart: 0,
    serviceEnd: 0,
    checkStart: 0,
    checkEnd: 0,
    // NaN makes the engine keep these as doubles from the beginning.
    atUs: Number.NaN,
    passed: false,
    latencyUs: Number.NaN,
    reasonStart: 0,
    reasonEnd: -1,
    detail: '',
  }
  return Object.assign(check, {
    read: (bytes: Uint8Array, start: number, end: number): ReadResult => {
      openInput(input, bytes, start, end)
      return read(input, check)
    },
  })
}

type Fields = {
  -readonly [F in Exclude<keyof HealthCheckedReader, 'read'>]: HealthCheckedReader[F]
}

/** In the order of schemas/HealthChecked.avsc. */
const read = (input: AvroInput, check: Fields): ReadResult => {
  check.idStart = readPresence(input) ? skipFixed(input, 16) : -1
  check.serviceStart = skipString(input)
  check.serviceEnd = input.at
  check.checkStart = skipString(input)
  check.checkEnd = input.at
  const atUs = (check.atUs = readLong(input))
  check.passed = readBoolean(input)
  const hasLatency = readPresence(input)
  const latencyUs = hasLatency ? readLong(input) : 0
  check.latencyUs = hasLatency ? latencyUs : -1
  const hasReason = readPresence(input)
  check.reasonStart = hasReason ? skipString(input) : input.at
  check.reasonEnd = hasReason ? input.at : -1
  const reason = hasReason ? readReason(input, check) : ''
  const fault = closeInput(input)
  if (fault !== null) {
    check.detail = fault
    return 'bad_avro'
  }
  const valueFault = atFault(atUs) ?? latencyFault(latencyUs) ?? textFault('reason', reason)
  if (valueFault === null) return 'ok'
  check.detail = valueFault
  return 'bad_value'
}

/** The reason as text, unless it is plain ASCII within bounds, which needs no closer look. */
const readReason = (input: AvroInput, { reasonStart, reasonEnd }: Fields): string => {
  const { bytes } = input
  let at = reasonStart
  while (at < reasonEnd && bytes[at]! >= 0x20 && bytes[at]! < 0x7f) at++
  if (at === reasonEnd && reasonEnd - reasonStart <= plainReasonBytesMax) return ''
  const reason = decodeUtf8(bytes, reasonStart, reasonEnd)
  if (reason === null) fail(input, 'reason is not UTF-8')
  return reason ?? ''
}

const plainReasonBytesMax = 256
