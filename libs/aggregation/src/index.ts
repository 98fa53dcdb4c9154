export { aggregatorFold, type AggregatorOptions } from './aggregator-fold.ts'
export {
  CheckpointFormatError,
  incompleteThroughOf,
  ledgerOf,
  startingAt,
  wantedOf,
  type SourceLedger,
  type SourceStart,
} from './checkpoint.ts'
export type { Gap } from './gaps.ts'
export type { InputSchemas, ReadFact, SchemaName, Upgraded } from './input-frames.ts'
export { RestoreError } from './saved-source.ts'
