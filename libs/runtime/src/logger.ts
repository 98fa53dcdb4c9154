import { randomUUID } from 'node:crypto'
import { pino } from 'pino'
import { logLineText } from './log-text.ts'
import { logValueOf, type LogValue } from './log-value.ts'

export const logLevels = ['debug', 'info', 'warn', 'error'] as const
export type LogLevel = (typeof logLevels)[number]

export const logFormats = ['json', 'text'] as const
export type LogFormat = (typeof logFormats)[number]

/** `event` names what happened, in words of a closed set; fields say of what, and are the same for the same event. */
export type Logger = {
  readonly [L in LogLevel]: (event: string, fields?: LogFields) => void
} & {
  /** Drawn at the start of the process, in each of its lines: correlates them. */
  readonly run: string
}

export type LogFields = {
  readonly processor?: string
  readonly task?: number
  /** A sentence for people. */
  readonly message?: string
  readonly error?: unknown
  readonly [name: string]: unknown
}

export type LoggerOptions = {
  /** Of the process: the app. */
  readonly name: string
  readonly level: LogLevel
  readonly format: LogFormat
  /** Writes one line, with its end, before it returns: a process that crashes has said why. */
  readonly write: (line: string) => void
}

/** Longer lines are cut down to what they are about: collectors split lines at 16 KiB. */
const lineCharactersMax = 16_000

/** The log of a process: one JSON object a line, or a line of text for a terminal. */
export const openLogger = ({ name, level, format, write }: LoggerOptions): Logger => {
  const run = randomUUID()
  const writeLine = (line: string): void => {
    const bounded = line.length <= lineCharactersMax ? line : cutLine(line)
    write(format === 'json' ? bounded : logLineText(JSON.parse(bounded) as LogLine))
  }
  const log = pino(
    {
      level,
      base: { name, run },
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: {
        level: (label) => ({ level: label }),
        log: (fields) => logValueOf(fields) as Record<string, LogValue>,
      },
    },
    { write: writeLine },
  )
  return {
    run,
    debug: (event, fields) => {
      log.debug({ event, ...fields })
    },
    info: (event, fields) => {
      log.info({ event, ...fields })
    },
    warn: (event, fields) => {
      log.warn({ event, ...fields })
    },
    error: (event, fields) => {
      log.error({ event, ...fields })
    },
  }
}

/** A line as it was written. */
export type LogLine = {
  readonly level: LogLevel
  readonly time: string
  readonly name: string
  readonly run: string
  readonly event: string
  readonly processor?: string
  readonly task?: number
  readonly message?: string
  readonly error?: { readonly message: string; readonly code?: string }
  readonly [name: string]: LogValue | undefined
}

const cutLine = (line: string): string => {
  const { level, time, name, run, event, processor, task, message, error } = JSON.parse(
    line,
  ) as LogLine
  const kept = { level, time, name, run, event, processor, task, message }
  const cause = error && { ...error, stack: undefined, cause: undefined }
  return `${JSON.stringify({ ...kept, error: cause, cut: line.length })}\n`
}
