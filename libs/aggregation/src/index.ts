export { aggregatorFold, type AggregatorOptions } from './aggregator-fold.ts'
export { CheckpointFormatError, ledgerOf, type SourceLedger } from './checkpoint.ts'
export type { InputSchemas, SchemaName, Upgraded } from './input-frames.ts'
export { RestoreError } from './saved-source.ts'
