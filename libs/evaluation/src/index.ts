export {
  activated,
  activationStartUs,
  inForce,
  noActivations,
  type Activation,
  type ActivationFact,
  type Activations,
} from './activations.ts'
export { classify, type Classification } from './classify.ts'
export { catalogOf, type ConfigurationCatalog } from './configuration-catalog.ts'
export { CheckpointFormatError } from './documents.ts'
export { evaluate, hasWork, judge, rowsPerPart, type Emit } from './evaluator.ts'
export { judgedThroughUs, savedStates, type SavedState } from './evaluator-checkpoint.ts'
export { evaluatorFold, type EvaluatorFold, type EvaluatorFoldOptions } from './evaluator-fold.ts'
export { evaluatorState, take, type EvaluatorState } from './evaluator-state.ts'
export { alertsMax } from './fleet-alerts.ts'
export { latencyText, percentText } from './format.ts'
export type { EvaluatorOptions } from './plan.ts'
export {
  overallHealth,
  partitionView,
  reportPlatform,
  reportRowsMax,
  type PartitionView,
  type PlatformReport,
} from './platform.ts'
export type { DecodedRecord, RecordReader } from './record-reader.ts'
export {
  isReportDue,
  reporterState,
  reportNext,
  takeSlice,
  type ReporterState,
} from './reporter.ts'
export { reportedThroughUs, reporterFold, type ReporterFoldOptions } from './reporter-fold.ts'
export { alertHistories, alertJson, type AlertHistory } from './views/alert-json.ts'
export { reportJson, serviceJson } from './views/report-json.ts'
export { reportText } from './views/report-text.ts'
export { windowJson } from './views/window-json.ts'
