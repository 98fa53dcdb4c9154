import {
  AccessDeniedError,
  CorruptLogError,
  EntryRefusedError,
  LogError,
  LogFullError,
  UnavailableError,
} from '@tidemark/log'

/** What SQLite or the file system say, as an error of the log. Anything else is passed on as it is. */
export const logErrorOf = (error: unknown, file: string): unknown => {
  if (error instanceof LogError || !isSystemError(error)) return error
  const code = resultCodeOf(error)
  if (code !== null) return ofSqlite(code, `${file}: ${error.message}`, error)
  switch (error.code) {
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new AccessDeniedError(`${file}: no permission: ${error.message}`, { cause: error })
    case 'ENOSPC':
    case 'EDQUOT':
      return new LogFullError(`${file}: the disk is full: ${error.message}`, { cause: error })
    case 'ENOENT':
    case 'ENOTDIR':
    case 'EEXIST':
      return new AccessDeniedError(`${file}: there can be no such file: ${error.message}`, {
        cause: error,
      })
    default:
      return error
  }
}

/** Another connection is in the way; it will not be for long. */
export const isBusy = (error: unknown): boolean => {
  const code = resultCodeOf(error)
  return code === busy || code === locked
}

// Primary result codes (sqlite.org/rescode.html): the low byte of what node:sqlite reports.
const perm = 3
const busy = 5
const locked = 6
const readOnly = 8
const corrupt = 11
const full = 13
const cannotOpen = 14
const tooBig = 18
const auth = 23
const notADatabase = 26

type SystemError = {
  readonly message: string
  readonly code: unknown
  readonly errcode?: unknown
}

/** By its form, not its class: Node's own errors may come from another realm than this module's `Error`. */
const isSystemError = (error: unknown): error is SystemError =>
  typeof error === 'object' && error !== null && 'code' in error && 'message' in error

const resultCodeOf = (error: unknown): number | null =>
  isSystemError(error) && typeof error.errcode === 'number' ? error.errcode & 0xff : null

const ofSqlite = (code: number, what: string, cause: unknown): LogError => {
  switch (code) {
    case perm:
    case readOnly:
    case cannotOpen:
    case auth:
      return new AccessDeniedError(`${what} (is the folder there, and writable?)`, { cause })
    case full:
      return new LogFullError(`${what}: the disk is full`, { cause })
    case corrupt:
    case notADatabase:
      return new CorruptLogError(what, { cause })
    case tooBig:
      return new EntryRefusedError(what, { cause })
    default:
      return new UnavailableError(what, { cause })
  }
}
