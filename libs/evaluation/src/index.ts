export {
  activated,
  activationStartUs,
  inForce,
  noActivations,
  type Activation,
  type ActivationFact,
  type Activations,
} from './activations.ts'
export { alertsMax } from './alerting/fleet-alerts.ts'
export { givenLabels } from './alerting/labels.ts'
export { matcherOf, MatcherError, matchersText, parseMatchers } from './alerting/matchers.ts'
export { createdSilencesMax } from './alerting/silences.ts'
export { summaryNames, templateFaults } from './alerting/template.ts'
export { classify, type Classification } from './classify.ts'
export { catalogOf, type ConfigurationCatalog } from './configuration-catalog.ts'
export { configurationFaults } from './configuration-faults/configuration-faults.ts'
export {
  configurationMax,
  idPattern,
  labelPattern,
  type ConfigurationFault,
} from './configuration-faults/fault.ts'
export { sloKey } from './configuration-faults/slo-faults.ts'
export { CheckpointFormatError } from './documents.ts'
export { evaluate, hasWork, judge, rowsPerPart, type Emit } from './evaluator.ts'
export {
  checkpointOf,
  judgedThroughUs,
  savedStates,
  type SavedState,
} from './evaluator-checkpoint.ts'
export { evaluatorFold, type EvaluatorFold, type EvaluatorFoldOptions } from './evaluator-fold.ts'
export { evaluatorState, take, type EvaluatorState } from './evaluator-state.ts'
export {
  amountText,
  changeText,
  complianceText,
  counted,
  countText,
  durationText,
  latencyText,
  minuteText,
  monthText,
  multipleText,
  percentText,
  permilleText,
  ppmText,
  spanText,
} from './format.ts'
export { lookFor, type EvaluatorOptions } from './plan.ts'
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
export { burnFactor, canFire, timeToPageUs, type BurnRatio } from './slo/burn.ts'
export {
  alertHistories,
  isUnanswered,
  labelsOf,
  wasUpWithin,
  type AlertHistory,
} from './views/alert-history.ts'
export { alertJson } from './views/alert-json.ts'
export {
  inhibitorsNamed,
  silencesNamed,
  storyJson,
  storyText,
  type AlertStory,
} from './views/alert-story.ts'
export { diffJson } from './views/diff-json.ts'
export { diffText } from './views/diff-text.ts'
export {
  digestDefaultUs,
  digestServicesMax,
  type Digest,
  type HourlyLatency,
  type ServiceHistory,
  type StatusChange,
} from './views/digest.ts'
export { reportDiff, type ReportDiff } from './views/report-diff.ts'
export { reportHtml } from './views/report-html.ts'
export { reportMarkdown } from './views/report-markdown.ts'
export { reportJson } from './views/report-json.ts'
export { reportText } from './views/report-text.ts'
export { serviceJson } from './views/row-json.ts'
export type { Painter, Tone } from './views/section.ts'
export { withMarks } from './views/sections/alerts.ts'
export { silenceJson, silencesOf, silenceState, type Silence } from './views/silences.ts'
export { hourOf, hourUs, sloFigures, type SloFigures, type SloHour } from './views/slo-figures.ts'
export { sloFiguresJson, sloText } from './views/slo-view.ts'
export { windowJson } from './views/window-json.ts'
