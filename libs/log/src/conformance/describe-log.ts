import { describe } from '@jest/globals'
import { describeAppending } from './appending.ts'
import { describeCheckpoints } from './checkpoints.ts'
import { describeCommitting } from './committing.ts'
import { describeFencing } from './fencing.ts'
import { describeHosting } from './hosting.ts'
import type { LogFeatures, MakeLog } from './log-under-test.ts'
import { describeOwning } from './owning.ts'
import { describePolling } from './polling.ts'
import { describeProvisioning } from './provisioning.ts'
import { describeReading } from './reading.ts'
import { describeSharing } from './sharing.ts'
import { openWorld } from './world.ts'

/**
 * What every log does, as tests: an adapter calls this in a test file of its own. Tests wait for events, never for time; one that hangs
 * fails by the runner's deadline, which should be generous.
 */
export const describeLog = (name: string, makeLog: MakeLog, features: LogFeatures): void => {
  describe(`the log: ${name}`, () => {
    const world = openWorld(makeLog)
    describe('provisioning', () => describeProvisioning(world))
    describe('appending', () => describeAppending(world))
    describe('reading', () => describeReading(world, features))
    describe('hosting', () => describeHosting(world))
    describe('sharing tasks', () => describeSharing(world))
    describe('polling', () => describePolling(world))
    describe('committing', () => describeCommitting(world, features))
    describe('checkpoints', () => describeCheckpoints(world))
    describe('owning a task', () => describeOwning(world))
    describe('fencing', () => describeFencing(world, features))
  })
}
