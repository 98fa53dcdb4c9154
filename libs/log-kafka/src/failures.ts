import {
  AccessDeniedError,
  CorruptLogError,
  EntryRefusedError,
  LogError,
  UnavailableError,
} from '@tidemark/log'
import { CorruptBatchError, UnsupportedBatchError } from '@tidemark/wire'

/** The fields by which kafkajs's errors are told apart: `type` is the protocol's name of an error code. */
export type KafkaFailure = {
  readonly name: string
  readonly message: string
  readonly type?: string
  readonly broker?: string
  readonly host?: string
  readonly port?: number
  readonly cause?: unknown
}

/** What an error of kafkajs, or of the wire, means to the callers of a log. `what` says what was attempted. */
export const logErrorOf = (error: unknown, what: string): LogError => {
  if (error instanceof LogError) return error
  if (error instanceof CorruptBatchError || error instanceof UnsupportedBatchError)
    return new CorruptLogError(`${what}: ${error.message}`, { cause: error })
  const failure = rootFailure(error)
  const message = `${what}: ${failure.message}`
  if (isDenied(failure)) return new AccessDeniedError(message, { cause: error })
  if (refusals.has(failure.type ?? '')) return new EntryRefusedError(message, { cause: error })
  return new UnavailableError(message, { cause: error })
}

/** kafkajs wraps what it gave up on; the first failure says what happened. */
export const rootFailure = (error: unknown): KafkaFailure => {
  let failure = asFailure(error)
  for (let depth = 0; depth < depthMax && failure.type === undefined; depth++) {
    if (failure.cause === undefined || failure.cause === null) break
    failure = asFailure(failure.cause)
  }
  return failure
}

const depthMax = 5

const asFailure = (error: unknown): KafkaFailure =>
  error instanceof Error ? error : { name: 'Error', message: String(error) }

/** No retry changes these. */
export const isDenied = ({ name, type = '' }: KafkaFailure): boolean =>
  name === 'KafkaJSSASLAuthenticationError' ||
  type.endsWith('AUTHORIZATION_FAILED') ||
  type === 'SASL_AUTHENTICATION_FAILED' ||
  type === 'UNSUPPORTED_SASL_MECHANISM'

const refusals: ReadonlySet<string> = new Set([
  'MESSAGE_TOO_LARGE',
  'RECORD_LIST_TOO_LARGE',
  'INVALID_TIMESTAMP',
  'INVALID_RECORD',
])

export const isTimeout = ({ name }: KafkaFailure): boolean => name === 'KafkaJSRequestTimeoutError'

export const isConnectionLost = ({ name }: KafkaFailure): boolean =>
  name === 'KafkaJSConnectionClosedError' || name === 'KafkaJSConnectionError'
