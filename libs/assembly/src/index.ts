export {
  dataFolderDefault,
  describeAddress,
  openLog,
  storeFileOf,
  type Address,
  type ObserveLog,
} from './address.ts'
export {
  runApp,
  type App,
  type AppContext,
  type OpenApp,
  type RunContext,
  type RunOptions,
  type StartOf,
} from './app.ts'
export {
  activateConfiguration,
  type ActivationOptions,
} from './configurations/activate-configuration.ts'
export {
  configurationCatalog,
  type LogCatalog,
  type LogCatalogOptions,
} from './configurations/configuration-catalog.ts'
export {
  configurationHistory,
  type ConfigurationActivation,
} from './configurations/configuration-history.ts'
export { copyConfigurations } from './configurations/copy-configurations.ts'
export {
  ConfigurationMissingError,
  storeConfiguration,
} from './configurations/store-configuration.ts'
export { connect, LayoutError, provision, type Connection } from './connection.ts'
export { addressOf, main, type ProgramProcess } from './main.ts'
export type { LogEvent } from './operations/log-lines.ts'
export {
  operate,
  type Operated,
  type OperatedProcess,
  type Operation,
} from './operations/operate.ts'
export {
  operationOptions,
  operationSettings,
  operationUsage,
  watchdogDefault,
  type OperationArguments,
  type OperationSettings,
} from './operations/settings.ts'
export { processorLag, type ProcessorShape, type TaskLag } from './operations/processor-lag.ts'
export { sourceLags, type SourceLag } from './operations/source-lag.ts'
export { factPlacement, type FactPlacement } from './facts/fact-placement.ts'
export { FactError, type FactRecord } from './facts/fact-record.ts'
export { publishFacts, type FactPlace, type PublishedFact } from './facts/publish-facts.ts'
export { inputGaps, type InputGap } from './gaps.ts'
export { systemClock } from './system-clock.ts'
export {
  derivedReader,
  UnexpectedRecordError,
  type DerivedReader,
  type DerivedRecord,
} from './derived-reader.ts'
export { backfillOf, StampedByLogError, type Backfill } from './backfill.ts'
export {
  runInMemory,
  type InMemoryEntry,
  type InMemoryRun,
  type InMemoryTopics,
  type Schedule,
} from './in-memory.ts'
export {
  mayHoldStore,
  openSqlAt,
  openStoreAt,
  requireStoreAddress,
  shownStore,
  StoreAddressError,
} from './store-address.ts'
export { topicRecords, type PlacedRecord, type TopicStretch } from './topic-records.ts'
export {
  comparedTopics,
  digestOf,
  type ReadableLog,
  type TopicDigest,
} from './verification/topic-digest.ts'
export type {
  Difference,
  EmittedRecord,
  RecordBytes,
  ReexecutedRecord,
  TopicFindings,
} from './verification/tally.ts'
export { compareReplayed } from './verification/replayed-topic.ts'
export type { Unchecked } from './verification/unchecked.ts'
export { verifyLog, type Verification, type VerificationOptions } from './verification/verify.ts'
