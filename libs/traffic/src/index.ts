export type { SentEvent } from './afflict.ts'
export {
  faultByName,
  faultNames,
  truthOf,
  type Fault,
  type FaultKind,
  type FaultName,
  type FaultRhythm,
  type Truth,
} from './fault.ts'
export { services, type Operation, type ServiceProfile } from './profile.ts'
export {
  capstone,
  live,
  scenarioNames,
  virtualStartUs,
  type Capstone,
  type Live,
  type Scenario,
  type ScenarioName,
} from './scenario.ts'
export type { TrafficEvent } from './service-events.ts'
export { defaultSeed, trafficOf, type Traffic, type TrafficOptions } from './traffic.ts'
