export { checksPage, type Check } from './checks.ts'
export { parseDurationMs } from './duration.ts'
export { exitCodeOf, exitCodes, type ExitCode } from './exit-codes.ts'
export { httpUrlOf, parseHttpAddress, type HttpAddress } from './http-address.ts'
export { serveHttp, type HttpServer, type Page } from './http-server.ts'
export {
  logFormats,
  logLevels,
  openLogger,
  type LogFields,
  type LogFormat,
  type Logger,
  type LoggerOptions,
  type LogLevel,
} from './logger.ts'
export { guardLoop, type LoopGuard } from './loop-guard.ts'
export { openMetrics, type Metrics } from './metrics.ts'
export {
  progressWatch,
  type ProgressWatch,
  type Stall,
  type WatchedWork,
} from './progress-watch.ts'
export { runningTime, type RunningTime } from './running-time.ts'
export { stopSignal, type SignalSource } from './stop-signal.ts'
export { boundYoungGeneration } from './young-generation.ts'
