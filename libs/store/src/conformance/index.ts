export { contentsOf } from './contents.ts'
export { describeStore, type DatabaseUnderTest } from './describe-store.ts'
