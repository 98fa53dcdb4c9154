export { documented, withOutputs, type DocumentedScore } from './documented.ts'
