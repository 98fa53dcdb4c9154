import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { openConnection } from './connection.ts'
import { openMembership, type Membership } from './membership.ts'
import { settingsOf } from './options.ts'
import type { Kind } from './testing/scripted-answers.ts'
import { startScriptedBroker, type ScriptedBroker } from './testing/scripted-broker.ts'

let broker: ScriptedBroker
let membership: Membership
let close: () => Promise<void>
beforeEach(async () => {
  broker = await startScriptedBroker(2)
  const settings = settingsOf({
    ...{ brokers: broker.addresses, prefix: '', sessionTimeoutMs: 3000 },
    // A join may take as long; nobody waits for that here.
    rebalanceTimeoutMs: 600_000,
  })
  const beside = openConnection(settings, 1000)
  await beside.refresh()
  membership = openMembership(settings, beside, { groupId: 'group', names: ['requests'], tasks: 2 })
  close = async () => {
    await membership.leave()
    await beside.close()
    await broker.close()
  }
})
afterEach(() => close())

const never = new AbortController().signal
const count = (node: number, kind: Kind): number =>
  broker.questions(node).filter((each) => each === kind).length
const heard = async (node: number, kind: Kind): Promise<void> => {
  // The runner's deadline is the bound.
  while (count(node, kind) === 0) await new Promise((resolve) => setTimeout(resolve, 5))
}

describe('a member', () => {
  it('joins, and proves by a heartbeat that it has', async () => {
    await membership.join(never)
    const asked = broker.questions(1).filter((kind) => !['ApiVersions', 'Metadata'].includes(kind))
    expect(asked.slice(-3)).toEqual(['JoinGroup', 'SyncGroup', 'Heartbeat'])
  })

  it('joins at another coordinator when the one that it waits for hangs and is no coordinator any more', async () => {
    broker.next('JoinGroup', 'silence')
    const joined = membership.join(never)
    await heard(1, 'JoinGroup')
    broker.freeze(1)
    broker.bury(1)
    await joined
    expect(count(2, 'JoinGroup')).toBe(1)
    expect(membership.safeUntilMs()).toBeGreaterThan(performance.now())
  }, 60_000)

  it('waits for a coordinator that takes its time, and asks for nothing on that connection', async () => {
    broker.next('JoinGroup', 'silence')
    const joined = membership.join(never)
    await heard(1, 'JoinGroup')
    // Looked round for it three times.
    while (count(1, 'FindCoordinator') + count(2, 'FindCoordinator') < 4)
      await new Promise((resolve) => setTimeout(resolve, 5))
    // A heartbeat does not wait behind it.
    await membership.beat()
    expect(count(1, 'JoinGroup')).toBe(1)
    broker.bury(1)
    await joined
  }, 60_000)
})
