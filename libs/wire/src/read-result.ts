/**
 * What reading an event comes to. `bad_avro`: the body is not what its schema says, nothing of it may be used. `bad_value`: it is,
 * but a value is outside its range. Names are not looked at: a caller checks each distinct one once, when it first sees it.
 */
export type ReadResult = 'ok' | 'bad_avro' | 'bad_value'

export const statusMax = 999

/** Why a time of an event is out of range, or null. */
export const atFault = (atUs: number): string | null =>
  isTime(atUs) ? null : `atUs: ${readable(atUs)}, not in 0 to 2^53 - 1`

export const latencyFault = (latencyUs: number): string | null =>
  isTime(latencyUs) ? null : `latencyUs: ${readable(latencyUs)}, not in 0 to 2^53 - 1`

export const statusFault = (status: number): string | null =>
  status >= 0 && status <= statusMax ? null : `status: ${status}, not in 0 to ${statusMax}`

const isTime = (value: number): boolean => value >= 0 && value <= Number.MAX_SAFE_INTEGER

/** A long outside the safe integers was read as plus or minus 2^53, whatever it was. */
const readable = (value: number): string =>
  Number.isSafeInteger(value) ? String(value) : value > 0 ? 'over 2^53 - 1' : 'under -(2^53 - 1)'
