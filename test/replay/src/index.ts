export { digestsOf } from './digests.ts'
export { randomOf, type Random } from './random.ts'
