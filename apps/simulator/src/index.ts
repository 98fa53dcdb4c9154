export { UnfitLogError } from './errors.ts'
export { eventLines, truthLines, writeLines } from './lines.ts'
export {
  liveServices,
  runLiveTraffic,
  type LiveClock,
  type LiveEvent,
  type LiveOptions,
} from './live.ts'
export { logTraffic } from './traffic-log.ts'
export { simulatedReport, type ReportOptions } from './report.ts'
export { simulateToLog, type ToLogOptions, type ToLogResult } from './to-log.ts'
export { virtualEntries, type VirtualEntry } from './virtual-entries.ts'
