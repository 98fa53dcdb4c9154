export { UnfitLogError } from './errors.ts'
export { eventLines, truthLines, writeLines } from './lines.ts'
export {
  liveServices,
  runLiveTraffic,
  type LiveClock,
  type LiveEvent,
  type LiveOptions,
} from './live.ts'
export { readScenario, type ScenarioReading } from './scenario-file/read-scenario.ts'
export type { ScenarioFile } from './scenario-file/scenario.ts'
export { registeredServices } from './registered.ts'
export { scoredRun, type ScoredRunOptions } from './scored-run.ts'
export { logTraffic } from './traffic-log.ts'
export { simulatedReport, type ReportOptions } from './report.ts'
export { simulateToLog, type ToLogOptions, type ToLogResult } from './to-log.ts'
export { readTruth, type TruthFault, type TruthReading } from './truth-lines.ts'
export { virtualEntries, type VirtualEntry } from './virtual-entries.ts'
