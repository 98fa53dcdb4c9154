export { digestsOf } from './digests.ts'
export { violationsIn } from './invariants.ts'
export { randomOf, type Random } from './random.ts'
export { storeDisagreements } from './store-agreement.ts'
