export { faultClasses, sightings, type FaultClass, type Sighting } from './fault-classes.ts'
export type {
  Acquisition,
  Attempt,
  CommittedState,
  Exit,
  FaultRun,
  JournalEntry,
  Liveness,
  Moment,
  Outcome,
  SimulatedRecord,
  StoreCommit,
  Writer,
} from './run.ts'
export { rightBehaviour, type ClientBehaviour, type Sabotage } from './sabotage.ts'
export { planOf, type Plan } from './plan.ts'
export { simulate } from './simulate.ts'
