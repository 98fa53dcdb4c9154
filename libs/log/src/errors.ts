import type { Offset, TopicName } from '@tidemark/model'

/** An error of a log. `retriable`: acquiring the task, or sending, again may succeed. */
export abstract class LogError extends Error {
  abstract readonly code: string
  abstract readonly retriable: boolean
}

/** Another process owns the task now. */
export class FencedError extends LogError {
  readonly code = 'fenced'
  readonly retriable = true
}

/** The log cannot be reached, or did not answer in time. */
export class UnavailableError extends LogError {
  readonly code = 'unavailable'
  readonly retriable = true
}

/** The log refuses this client: wrong credentials, or no permission for what was asked. */
export class AccessDeniedError extends LogError {
  readonly code = 'access_denied'
  readonly retriable = false
}

/** A position, and what of its partition is kept. */
export type OutsidePosition = {
  readonly topic: TopicName
  readonly partition: number
  readonly position: Offset
  /** Of the oldest record kept. */
  readonly startOffset: Offset
  /** Of what is committed. */
  readonly endOffset: Offset
}

/** A position below what is kept (retention has removed records that nobody read), or above the end. */
export class PositionError extends LogError {
  readonly code = 'position'
  readonly retriable = false
  readonly topic: TopicName
  readonly partition: number
  readonly position: Offset
  readonly startOffset: Offset
  readonly endOffset: Offset
  /** `advice`: what whoever reads the message can do about it. */
  constructor(
    { topic, partition, position, startOffset, endOffset }: OutsidePosition,
    advice: string | null = null,
  ) {
    const where = `${topic}/${partition}: position ${position} is outside of what is kept, ${startOffset} to ${endOffset}`
    const gone =
      position < startOffset
        ? `: ${startOffset - position} records that are still wanted are gone`
        : ''
    super(`${where}${gone}${advice === null ? '' : `. ${advice}`}`)
    this.topic = topic
    this.partition = partition
    this.position = position
    this.startOffset = startOffset
    this.endOffset = endOffset
  }
}

/** Nothing is provisioned under this address and prefix, or topics are missing or have other settings. */
export class NotProvisionedError extends LogError {
  readonly code = 'not_provisioned'
  readonly retriable = false
}

/** The log was provisioned with another layout. */
export class LayoutMismatchError extends LogError {
  readonly code = 'layout_mismatch'
  readonly retriable = false
}

/** A log of a form that this version does not read: written by a newer one, or by something else. */
export class UnsupportedLogError extends LogError {
  readonly code = 'unsupported_log'
  readonly retriable = false
}

/** An entry that this log cannot take: too large, or with a timestamp where the log stamps (or without where it does not). */
export class EntryRefusedError extends LogError {
  readonly code = 'entry_refused'
  readonly retriable = false
}

/** The log is at its size limit and retention can remove nothing. */
export class LogFullError extends LogError {
  readonly code = 'log_full'
  readonly retriable = false
}

/** Bytes in the log are not what was written. */
export class CorruptLogError extends LogError {
  readonly code = 'corrupt'
  readonly retriable = false
}
