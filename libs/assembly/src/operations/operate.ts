import type { EngineEvent } from '@tidemark/engine'
import type { Log } from '@tidemark/log'
import {
  boundYoungGeneration,
  checksPage,
  exitCodeOf,
  exitCodes,
  guardLoop,
  httpUrlOf,
  openLogger,
  openMetrics,
  serveHttp,
  type ExitCode,
  type HttpServer,
  type LogFormat,
  type Logger,
  type Page,
  type Stall,
} from '@tidemark/runtime'
import { logLogEvent, logTask, type LogEvent } from './log-lines.ts'
import type { OperationSettings } from './settings.ts'
import { vigil, type Vigil } from './vigil.ts'

/** The part of `process` that operating one needs. */
export type OperatedProcess = {
  readonly exit: (code: number) => never
  readonly on: (event: 'uncaughtException', listener: (error: unknown) => void) => unknown
  readonly off: (event: 'uncaughtException', listener: (error: unknown) => void) => unknown
}

export type Operated = {
  readonly process: OperatedProcess
  /** Aborts when the process is to stop. */
  readonly signal: AbortSignal
  /** Writes to stderr, before it returns. */
  readonly write: (line: string) => void
}

/** What the work of a process tells those who operate it. */
export type Operation = {
  readonly logger: Logger
  readonly observe: (event: EngineEvent) => void
  readonly observeLog: (event: LogEvent) => void
  /** To be called when the log is there: it is looked at from now on. */
  readonly begin: (log: Log, processors: number) => void
}

/** How long a process may take to stop. */
const stopMsMax = 10_000
/** Looks within the time that the watchdog allows. */
const looksPerWatchdog = 12
const lookMsMax = 5000

/**
 * Does the work of a process that runs until it is stopped: logs what becomes of it, answers HTTP, watches that it gets on, and sees
 * to it that it ends. Returns the exit code; throws what says that the call was wrong.
 */
export const operate = async (
  name: string,
  settings: OperationSettings,
  { process, signal, write }: Operated,
  work: (operation: Operation) => Promise<void>,
): Promise<ExitCode> => {
  const startMs = performance.now()
  const { logLevel, logFormat, watchdogMs, http } = settings
  const logger = openLogger({ name, level: logLevel, format: logFormat, write })
  const metrics = openMetrics()
  const lookMs = Math.min(lookMsMax, watchdogMs / looksPerWatchdog)
  const watching = vigil({ metrics, lookMs, watchdogMs, monotonicMs: () => performance.now() })
  const end = (code: ExitCode, event: string, fields: { readonly message: string }): never => {
    logger.error(event, fields)
    return process.exit(code)
  }
  const crashed = (error: unknown): void => {
    logger.error('process.crashed', { message: 'crashed', error })
    process.exit(exitCodes.failed)
  }
  process.on('uncaughtException', crashed)
  const unbound = boundYoungGeneration()
  const unwatch = watchProgress(watching, lookMs, watchdogMs, (stall) =>
    end(exitCodes.stalled, 'watchdog.expired', { message: stallText(stall) }),
  )
  const guard = guardLoop({
    limitMs: watchdogMs,
    line: blockedLine(name, logFormat, logger.run, watchdogMs),
  })
  const unstop = limitStop(signal, logger, () =>
    end(exitCodes.failed, 'process.overdue', {
      message: `has not stopped within ${stopMsMax / 1000} s`,
    }),
  )
  let server: HttpServer | null = null
  try {
    logger.info('process.started', {
      message: 'started',
      node: globalThis.process.version,
      pid: globalThis.process.pid,
      watchdogMs,
    })
    if (http !== null) server = await openHttp(http, watching, metrics.page, logger)
    await work({
      logger,
      observe: (event) => {
        watching.noteTask(event)
        logTask(logger, event)
      },
      observeLog: (event) => {
        watching.noteLog(event)
        logLogEvent(logger, event)
      },
      begin: watching.begin,
    })
    const tookMs = Math.round(performance.now() - startMs)
    logger.info('process.stopped', { message: 'stopped', ranMs: tookMs })
    return exitCodes.ok
  } catch (error) {
    if (exitCodeOf(error) === exitCodes.misuse) throw error
    logger.error('process.failed', { message: 'failed', error })
    return exitCodes.failed
  } finally {
    unwatch()
    unstop()
    unbound()
    await Promise.all([guard.close(), server?.close()])
    process.off('uncaughtException', crashed)
  }
}

const watchProgress = (
  watching: Vigil,
  lookMs: number,
  limitMs: number,
  expired: (stall: Stall) => void,
): (() => void) => {
  const timer = setInterval(() => {
    const stall = watching.look()
    if (stall !== null && stall.stalledMs >= limitMs) expired(stall)
  }, lookMs)
  timer.unref()
  return () => {
    clearInterval(timer)
  }
}

/** Says that the process stops, and why, and gives it its time. */
const limitStop = (signal: AbortSignal, logger: Logger, overdue: () => void): (() => void) => {
  let timer: NodeJS.Timeout | undefined
  const stop = (): void => {
    const { reason } = signal as { readonly reason: unknown }
    logger.info('process.stopping', {
      message: 'stopping',
      reason: typeof reason === 'string' ? reason : 'told to',
    })
    timer = setTimeout(overdue, stopMsMax)
  }
  if (signal.aborted) stop()
  else signal.addEventListener('abort', stop, { once: true })
  return () => {
    clearTimeout(timer)
    signal.removeEventListener('abort', stop)
  }
}

const openHttp = async (
  settings: NonNullable<OperationSettings['http']>,
  watching: Vigil,
  metricsPage: () => Promise<Page>,
  logger: Logger,
): Promise<HttpServer> => {
  const server = await serveHttp(
    settings,
    new Map<string, () => Page | Promise<Page>>([
      ['/health', () => checksPage(watching.health())],
      ['/ready', () => checksPage(watching.readiness())],
      [
        '/metrics',
        () => {
          watching.measure()
          return metricsPage()
        },
      ],
    ]),
  )
  const url = httpUrlOf(server.address)
  logger.info('http.listening', { message: `answers HTTP on ${url}`, url })
  return server
}

const stallText = ({ name, stalledMs }: Stall): string =>
  `${name} has something to do and has finished nothing for ${Math.round(stalledMs / 1000)} s: ends, to be started again`

/** Made while the loop still turns; the guard puts the time in. */
const blockedLine = (name: string, format: LogFormat, run: string, limitMs: number): string => {
  const message = `the event loop was blocked for ${limitMs / 1000} s: ends, to be started again`
  return format === 'json'
    ? `${JSON.stringify({ level: 'error', time: '{time}', name, run, event: 'watchdog.expired', message })}\n`
    : `{time}  error  ${name}: ${message}\n`
}
