import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { listOffsets, openConnection, type Connection } from './connection.ts'
import { settingsOf, type KafkaLogOptions, type Settings } from './options.ts'
import { seedsOf } from './silent-brokers.ts'
import type { Kind } from './testing/scripted-answers.ts'
import { startScriptedBroker, type ScriptedBroker } from './testing/scripted-broker.ts'

// Brokers that were stopped in the middle of their work: their ports are open, connections are taken, and nobody answers.

/** What a broker has to say what it understands, or to answer any other question that needs nothing but its memory. */
const immediateMs = 3000
/** Much more than that; much less than the timeouts that must not be waited for. */
const soonMs = 10_000
const foreverMs = 100_000

let broker: ScriptedBroker
const closing: (() => Promise<void>)[] = []
beforeEach(async () => {
  broker = await startScriptedBroker(3)
  closing.unshift(broker.close)
})
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

const settingsWith = (options: Partial<KafkaLogOptions> = {}): Settings =>
  settingsOf({ brokers: broker.addresses, prefix: '', timeoutMs: foreverMs, ...options })

const connectionWith = (settings: Settings, requestTimeoutMs = foreverMs): Connection => {
  const connection = openConnection(settings, requestTimeoutMs)
  closing.unshift(connection.close)
  return connection
}

/** Connected with all nodes. */
const connected = async (settings: Settings, requestTimeoutMs?: number): Promise<Connection> => {
  const connection = connectionWith(settings, requestTimeoutMs)
  await connection.requireTopics(['requests'])
  for (const nodeId of [1, 2, 3]) await connection.cluster.findBroker({ nodeId })
  return connection
}

const count = (node: number, kind: Kind): number =>
  broker.questions(node).filter((each) => each === kind).length

const heard = async (node: number, kind: Kind): Promise<void> => {
  // The runner's deadline is the bound.
  while (count(node, kind) === 0) await new Promise((resolve) => setTimeout(resolve, 5))
}

const tookMs = async (work: Promise<unknown>): Promise<number> => {
  const beganMs = performance.now()
  await work
  return performance.now() - beganMs
}

/** Lets the first node fall silent, and somebody find out. */
const silence = async (connection: Connection): Promise<void> => {
  broker.freeze(1)
  const found = await connection.cluster.findBroker({ nodeId: 1 })
  await expect(found.heartbeat(anyone)).rejects.toThrow(/timed out/)
}
const anyone = { groupId: 'group', groupGenerationId: 1, memberId: 'member' }

describe('a client that begins', () => {
  it('goes on to the next address when a broker takes the connection and says nothing', async () => {
    broker.freeze(1)
    const connection = connectionWith(settingsWith())
    const ms = await tookMs(connection.refresh())
    expect(ms).toBeGreaterThan(immediateMs)
    expect(ms).toBeLessThan(soonMs)
  }, 60_000)

  it('does not try an address that was silent for another client of the same log', async () => {
    broker.freeze(1)
    const settings = settingsWith()
    await connectionWith(settings).refresh()
    const before = broker.questions(1).length
    for (let client = 0; client < 6; client++) await connectionWith(settings).refresh()
    expect(broker.questions(1).length).toBe(before)
  }, 60_000)

  it('tries a silent address again when there is no other', async () => {
    broker.freeze(1)
    const settings = settingsWith({ brokers: [broker.address] })
    const refreshing = connectionWith(settings).refresh()
    await heard(1, 'ApiVersions')
    broker.thaw(1)
    await refreshing
  }, 60_000)

  it('takes addresses in turn, those that are silent last', async () => {
    const silent = new Set<string>()
    const next = seedsOf(['a', 'b', 'c'], silent)
    expect([await next(), await next(), await next(), await next()]).toEqual([
      ...[['a'], ['b'], ['c'], ['a']],
    ])
    silent.add('b').add('c')
    expect([await next(), await next()]).toEqual([['a'], ['a']])
    silent.add('a')
    expect([await next(), await next()]).toEqual([['a'], ['b']])
  })
})

describe('a connection that ends in the midst of an answer', () => {
  it('is followed by one that begins with an answer of its own', async () => {
    const connection = await connected(settingsWith())
    const found = await connection.cluster.findBroker({ nodeId: 1 })
    broker.next('Heartbeat', 'half')
    await expect(found.heartbeat(anyone)).rejects.toThrow(/Closed connection/)
    await found.heartbeat(anyone)
  })
})

describe('a broker that falls silent', () => {
  it('is connected with anew, and has to say what it understands before anything is asked', async () => {
    const connection = await connected(settingsWith(), 200)
    await silence(connection)
    broker.thaw(1)
    const versions = count(1, 'ApiVersions')
    await listOffsets(connection, 'requests', [0])
    expect(count(1, 'ApiVersions')).toBe(versions + 1)
    expect(broker.questions(1).slice(-3)).toEqual(['ApiVersions', 'ListOffsets', 'ListOffsets'])
  })

  it('is waited for once, however many want it', async () => {
    const connection = await connected(settingsWith(), 200)
    await silence(connection)
    const versions = count(1, 'ApiVersions')
    const wanting = Array.from({ length: 10 }, () => connection.cluster.findBroker({ nodeId: 1 }))
    const ms = await tookMs(Promise.allSettled(wanting))
    expect(count(1, 'ApiVersions')).toBe(versions + 1)
    expect(ms).toBeLessThan(soonMs)
    await Promise.all(wanting.map((each) => expect(each).rejects.toThrow(/timed out/)))
  }, 60_000)

  it('is not asked for metadata any more while another one answers', async () => {
    const connection = await connected(settingsWith(), 200)
    await silence(connection)
    for (let times = 0; times < 20; times++) await connection.refresh()
    expect(count(1, 'Metadata')).toBeLessThanOrEqual(1)
  })

  it('costs whoever asks it for metadata one short wait, and then another one is asked', async () => {
    const connection = await connected(settingsWith())
    broker.freeze(1)
    const before = count(1, 'Metadata')
    // By chance it is the one that is asked, soon: of 100 times not once is less likely than 1 in 10^17.
    let longestMs = 0
    for (let times = 0; times < 100 && count(1, 'Metadata') === before; times++)
      longestMs = Math.max(longestMs, await tookMs(connection.refresh()))
    expect(count(1, 'Metadata')).toBe(before + 1)
    expect(longestMs).toBeLessThan(soonMs)
  }, 60_000)

  it('is waited for no longer when the others say that it is not of the cluster any more', async () => {
    const connection = await connected(settingsWith())
    broker.freeze(1)
    const asking = listOffsets(connection, 'requests', [0])
    await heard(1, 'ListOffsets')
    broker.bury(1)
    await connection.refresh()
    expect((await asking).size).toBe(1)
  }, 60_000)

  it('is not even waited for where others, asked first, say so', async () => {
    const settings = settingsWith()
    const [one, other] = [await connected(settings, 200), await connected(settings)]
    await silence(one)
    broker.bury(1)
    const before = broker.questions(1).length
    await expect(other.cluster.findBroker({ nodeId: 1 })).rejects.toThrow(/not found/)
    expect((await listOffsets(other, 'requests', [0])).size).toBe(1)
    expect(broker.questions(1).length).toBe(before)
  })
})
