export type { SentEvent } from './afflict.ts'
export {
  detectedAs,
  faultByName,
  faultNames,
  loneFaultNames,
  truthOf,
  usualFaults,
  type Fault,
  type FaultKind,
  type FaultName,
  type LoneFaultName,
  type NoisyNeighbour,
  type RetryStorm,
  type Truth,
} from './fault.ts'
export type { FaultRhythm } from './occasional-faults.ts'
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
