export { contradictionsIn, violationsOf } from './invariants/check.ts'
export type {
  Attempt,
  Evidence,
  LoggedRecord,
  ObservedCommit,
  ObservedPosition,
  StoreContents,
} from './invariants/evidence.ts'
export { evidenceOfLog } from './invariants/of-log.ts'
export type { InvariantNumber, Violation } from './invariants/violation.ts'
