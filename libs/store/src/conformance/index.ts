export { contentsOf } from './contents.ts'
export { describeStore, type DatabaseUnderTest } from './describe-store.ts'
export { advanced, assessed, raised, reported, requestWindow, resolved, slice } from './events.ts'
