export { describeLog } from './describe-log.ts'
export type { Feature, LogFeatures, LogUnderTest, MakeLog } from './log-under-test.ts'
