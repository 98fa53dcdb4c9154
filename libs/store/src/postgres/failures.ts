import { StoreError } from '../sql.ts'

// What passes by itself, by SQLSTATE. Classes: 08 connection, 53 resources (disk, memory, connections), 57P and 58 the server stops, starts or
// is in trouble. Single ones: 25006 a server that lost its role as primary, 25P03 idle in a transaction, 40001 and 40P01 conflict with others,
// 40003 outcome unknown, 55P03 lock timeout, 57014 statement timeout.
const retriableStates = /^(?:08|53|57P|58)|^(?:25006|25P03|40001|40P01|40003|55P03|57014)$/

/** How an error of the database, its driver or the network concerns whoever uses the store. */
export const storeFailure = (shown: string, cause: unknown): StoreError => {
  const message = `store ${shown}: ${messageOf(cause)}`
  const retriable = cause instanceof StoreError ? cause.retriable : isPassing(cause)
  return new StoreError(message, { retriable, cause })
}

/** Whether the connection is good for another statement: only an answer of the server leaves it in a known state. */
export const isAnswer = (cause: unknown): boolean => {
  if (cause instanceof StoreError) return true
  const state = stateOf(cause)
  return state !== null && !/^(?:08|25P03|25006|57P)/.test(state)
}

// Whatever says no SQLSTATE did not come from the server: nobody listens, the connection broke, an answer is overdue. Encryption that the two
// do not agree on does not pass.
const isPassing = (cause: unknown): boolean => {
  const state = stateOf(cause)
  if (state !== null) return retriableStates.test(state)
  return !(cause instanceof TypeError) && !isAboutEncryption(cause)
}

const isAboutEncryption = (cause: unknown): boolean =>
  cause instanceof Error &&
  (cause.message.includes('does not support SSL') ||
    ('code' in cause && /^ERR_TLS|CERT|ISSUER|SIGNATURE/.test(String(cause.code))))

const stateOf = (cause: unknown): string | null =>
  cause instanceof Error &&
  'severity' in cause &&
  'code' in cause &&
  typeof cause.code === 'string' &&
  /^[0-9A-Z]{5}$/.test(cause.code)
    ? cause.code
    : null

const messageOf = (cause: unknown): string => {
  if (!(cause instanceof Error)) return String(cause)
  // Of a name with several addresses each fails with an error of its own.
  if (cause instanceof AggregateError) return cause.errors.map(messageOf).join('; ')
  return cause.message
}
