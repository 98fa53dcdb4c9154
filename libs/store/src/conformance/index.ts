export { describeStore, type DatabaseUnderTest } from './describe-store.ts'
