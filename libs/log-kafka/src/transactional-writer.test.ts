import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { FencedError, UnavailableError } from '@tidemark/log'
import { settingsOf, type KafkaLogOptions } from './options.ts'
import type { CommitContent, TaskWriter } from './task-writer.ts'
import type { Kind } from './testing/scripted-answers.ts'
import { startScriptedBroker, type ScriptedBroker } from './testing/scripted-broker.ts'
import { transactionalWriter } from './transactional-writer.ts'

const concurrentTransactions = 51
const notCoordinator = 16
const notLeader = 6
const invalidProducerEpoch = 47
const outOfOrderSequence = 45
const illegalGeneration = 22
const unknownMember = 25

let broker: ScriptedBroker
let opened: TaskWriter[]
let isOurs: boolean
let confirmations: number

beforeEach(async () => {
  broker = await startScriptedBroker()
  opened = []
  isOurs = true
  confirmations = 0
})
afterEach(async () => {
  for (const { close } of opened) await close()
  await broker.close()
})

const writerWith = (options: Partial<KafkaLogOptions> = {}): TaskWriter => {
  const writer = transactionalWriter({
    settings: settingsOf({
      brokers: [broker.address],
      prefix: '',
      // Nothing here takes so long; a busy machine may take a while.
      sessionTimeoutMs: 60_000,
      ...options,
    }),
    transactionalId: 'task',
    identity: () => ({ groupId: 'group', groupGenerationId: 5, memberId: 'member' }),
    confirm: async () => {
      confirmations++
    },
    assertOurs: () => {
      if (!isOurs) throw new FencedError('not ours')
    },
  })
  opened.push(writer)
  return writer
}

const records = (count: number, bytes = 10) =>
  Array.from({ length: count }, () => ({
    key: null,
    value: new Uint8Array(bytes),
    timestampMs: 1,
  }))

const content = (part: Partial<CommitContent> = {}): CommitContent => ({
  partitions: [
    { name: 'alerts', partition: 1, records: records(2) },
    { name: 'checkpoints', partition: 1, records: records(3) },
  ],
  offsets: [{ name: 'requests', partition: 1, offset: 9 }],
  ...part,
})

const kindsAsked = (): readonly Kind[] => broker.asked.map(({ kind }) => kind)
const asked = (kind: Kind) => broker.asked.filter((each) => each.kind === kind)
const what = (kind: Kind): readonly string[] => asked(kind).map((each) => each.what)

const failureOf = async (work: Promise<unknown>): Promise<unknown> => {
  try {
    await work
  } catch (error) {
    return error
  }
  throw new Error('it did not fail')
}

describe('a writer of transactions', () => {
  it('takes the transactional id before anything else, with a timeout below the session', async () => {
    await writerWith({ sessionTimeoutMs: 2500 }).open()
    expect(kindsAsked()).toEqual(['InitProducerId'])
    expect(what('InitProducerId')).toEqual(['task 2000 ms'])
  })

  it('refuses a transaction timeout that is not below the session timeout', () => {
    const options = { sessionTimeoutMs: 6000, transactionTimeoutMs: 6000 }
    expect(() => writerWith(options)).toThrow(/6000 is not above 0 and below the session timeout/)
  })

  it('names all partitions before it writes to any, and ends when all is written', async () => {
    const writer = writerWith()
    await writer.open()
    await writer.commit(content())
    expect(kindsAsked()).toEqual([
      ...['InitProducerId', 'AddPartitionsToTxn', 'AddOffsetsToTxn'],
      ...['Produce', 'Produce', 'TxnOffsetCommit', 'EndTxn'],
    ])
    expect(what('AddPartitionsToTxn')).toEqual(['task 7/0 alerts:1 checkpoints:1'])
    expect(what('AddOffsetsToTxn')).toEqual(['task 7/0 group'])
    expect(what('EndTxn')).toEqual(['task 7/0'])
  })

  it('asks for each commit the same, and looks for no broker that it has found before', async () => {
    const writer = writerWith()
    await writer.open()
    await writer.commit(content())
    const [asked, searched] = [broker.asked.length, broker.searched.length]
    expect(searched).toBeGreaterThan(0)
    for (let i = 0; i < 3; i++) await writer.commit(content())
    const begin = ['AddPartitionsToTxn', 'AddOffsetsToTxn']
    const commit = [...begin, 'Produce', 'Produce', 'TxnOffsetCommit', 'EndTxn']
    expect(kindsAsked().slice(asked)).toEqual([...commit, ...commit, ...commit])
    expect(broker.searched.slice(searched)).toEqual([])
  })

  it('commits positions as the member that it is, of the generation that it knows', async () => {
    const writer = writerWith()
    await writer.open()
    await writer.commit(content())
    expect(what('TxnOffsetCommit')).toEqual(['task 7/0 group member@5 requests/1=9'])
  })

  it('asks the group once more before the end where there are no positions', async () => {
    const writer = writerWith()
    await writer.open()
    await writer.commit(content({ offsets: [] }))
    expect(kindsAsked()).not.toContain('AddOffsetsToTxn')
    expect(kindsAsked()).not.toContain('TxnOffsetCommit')
    expect(confirmations).toBe(1)
  })

  it('begins no transaction that would hold nothing', async () => {
    const writer = writerWith()
    await writer.open()
    await expect(writer.commit(content({ partitions: [] }))).rejects.toThrow(/a commit of nothing/)
    expect(kindsAsked()).toEqual(['InitProducerId'])
  })

  it('sends one batch of one partition at a time, and to no partition two at once', async () => {
    const writer = writerWith()
    await writer.open()
    const partitions = ['alerts', 'checkpoints'].map((name) => ({
      name,
      partition: 0,
      records: records(5, 400_000),
    }))
    await writer.commit(content({ partitions }))
    await writer.commit(content({ partitions: partitions.slice(0, 1) }))
    const alerts = what('Produce').filter((each) => each.startsWith('alerts'))
    expect(alerts).toEqual([
      'alerts/0 of 1x1, 2 from 0 by task 7/0',
      'alerts/0 of 1x1, 2 from 2 by task 7/0',
      'alerts/0 of 1x1, 1 from 4 by task 7/0',
      'alerts/0 of 1x1, 2 from 5 by task 7/0',
      'alerts/0 of 1x1, 2 from 7 by task 7/0',
      'alerts/0 of 1x1, 1 from 9 by task 7/0',
    ])
    expect(broker.mostAtOnce()).toBe(1)
  })

  it('appends outside of any transaction, one at a time too', async () => {
    const writer = writerWith()
    await writer.open()
    const offsets = await Promise.all(
      [1, 2, 3].map((count) => writer.append('requests', 0, records(count))),
    )
    expect(offsets).toEqual([0, 1, 3])
    expect(what('Produce')[0]).toBe('requests/0 of 1x1, 1 from -1 by nobody')
    expect(broker.mostAtOnce()).toBe(1)
  })
})

describe('an answer that says that nothing was done', () => {
  it.each(['InitProducerId', 'AddPartitionsToTxn', 'AddOffsetsToTxn', 'EndTxn'] as const)(
    'is asked for again soon while markers are being written: %s',
    async (kind) => {
      // At the 300 ms that kafkajs waits, where it does, the deadlines would pass.
      const writer = writerWith({ timeoutMs: 2000, transactionTimeoutMs: 2000 })
      for (let i = 0; i < 10; i++) broker.next(kind, concurrentTransactions)
      await writer.open()
      await writer.commit(content())
      expect(asked(kind)).toHaveLength(11)
      expect(new Set(what(kind)).size).toBe(1)
    },
  )

  it.each([
    'InitProducerId',
    'AddPartitionsToTxn',
    'AddOffsetsToTxn',
    'TxnOffsetCommit',
    'EndTxn',
  ] as const)('makes it look for a coordinator that has moved: %s', async (kind) => {
    broker.next(kind, notCoordinator)
    const writer = writerWith()
    await writer.open()
    await writer.commit(content())
    expect(asked(kind)).toHaveLength(2)
  })

  it('makes it look for a leader that has moved, and say the same again there', async () => {
    const writer = writerWith()
    await writer.open()
    broker.next('Produce', notLeader)
    const partitions = [{ name: 'alerts', partition: 1, records: records(2) }]
    await writer.commit(content({ partitions }))
    expect(what('Produce')).toEqual([
      'alerts/1 of 1x1, 2 from 0 by task 7/0',
      'alerts/1 of 1x1, 2 from 0 by task 7/0',
    ])
  })
})

describe('an error within a transaction', () => {
  const steps = [
    'AddPartitionsToTxn',
    'AddOffsetsToTxn',
    'Produce',
    'TxnOffsetCommit',
    'EndTxn',
  ] as const

  it.each(steps)(
    'ends the writer, without another word about the transaction: %s',
    async (kind) => {
      const writer = writerWith()
      await writer.open()
      broker.next(kind, outOfOrderSequence)
      expect(await failureOf(writer.commit(content()))).toBeInstanceOf(UnavailableError)
      expect(asked(kind).length).toBeLessThanOrEqual(kind === 'Produce' ? 2 : 1)
      expect(asked('EndTxn')).toHaveLength(kind === 'EndTxn' ? 1 : 0)
      const before = broker.asked.length
      await expect(writer.commit(content())).rejects.toThrow(/a producer that is broken/)
      await writer.close()
      expect(broker.asked).toHaveLength(before)
    },
  )

  it.each(steps)(
    'is an answer that does not come, within the transaction timeout: %s',
    async (kind) => {
      const writer = writerWith({ transactionTimeoutMs: 400 })
      await writer.open()
      broker.next(kind, 'silence')
      expect(await failureOf(writer.commit(content()))).toBeInstanceOf(UnavailableError)
      await expect(writer.commit(content())).rejects.toThrow(/a producer that is broken/)
      expect(asked('EndTxn')).toHaveLength(kind === 'EndTxn' ? 1 : 0)
    },
  )

  it.each(steps)('is a connection that breaks, whose request is not repeated: %s', async (kind) => {
    const writer = writerWith()
    await writer.open()
    broker.next(kind, 'cut')
    expect(await failureOf(writer.commit(content()))).toBeInstanceOf(UnavailableError)
    expect(asked('EndTxn')).toHaveLength(kind === 'EndTxn' ? 1 : 0)
    if (kind !== 'Produce') expect(asked(kind)).toHaveLength(1)
    await expect(writer.commit(content())).rejects.toThrow(/a producer that is broken/)
  })

  it('is settled by the next writer, which takes the id again', async () => {
    const writer = writerWith({ transactionTimeoutMs: 1000 })
    await writer.open()
    broker.next('EndTxn', 'silence')
    const failing = failureOf(writer.commit(content()))
    await broker.heard('EndTxn')
    const next = writerWith()
    await next.open()
    await next.commit(content())
    expect(what('EndTxn')).toEqual(['task 7/0', 'task 7/1'])
    expect(what('Produce').at(-1)).toMatch(/ from 0 by task 7\/1$/)
    expect(await failing).toBeInstanceOf(UnavailableError)
  })

  it.each([
    ['AddPartitionsToTxn', invalidProducerEpoch],
    ['Produce', invalidProducerEpoch],
    ['TxnOffsetCommit', illegalGeneration],
    ['TxnOffsetCommit', unknownMember],
    ['EndTxn', invalidProducerEpoch],
  ] as const)(
    'says that somebody else has the task: %s, error code %d',
    async (kind, errorCode) => {
      const writer = writerWith()
      await writer.open()
      broker.next(kind, errorCode)
      expect(await failureOf(writer.commit(content()))).toBeInstanceOf(FencedError)
    },
  )

  it('is a membership that ends before the end of the transaction', async () => {
    const writer = writerWith({
      reached: (milestone) => {
        if (milestone === 'offsets-sent') isOurs = false
      },
    })
    await writer.open()
    expect(await failureOf(writer.commit(content()))).toBeInstanceOf(FencedError)
    expect(kindsAsked()).not.toContain('EndTxn')
  })
})

it('passes its milestones in order, the end being on its way and not answered', async () => {
  const passed: string[] = []
  const reached = (milestone: string): void => void passed.push(milestone)
  const writer = writerWith({ reached })
  await writer.open()
  broker.next('EndTxn', 'cut')
  await failureOf(writer.commit(content()))
  expect(passed.splice(0)).toEqual(['sent', 'offsets-sent', 'commit-sent'])
  const other = writerWith({ reached })
  await other.open()
  await other.commit(content())
  expect(passed).toEqual(['sent', 'offsets-sent', 'commit-sent'])
})

it('gives up an id that it cannot get, by its deadline', async () => {
  const writer = writerWith({ timeoutMs: 300 })
  broker.next('InitProducerId', 'silence')
  expect(await failureOf(writer.open())).toBeInstanceOf(UnavailableError)
})

it('does not wait long for what it committed to be seen when the broker that would tell hangs', async () => {
  const writer = writerWith({ timeoutMs: 60_000 })
  await writer.open()
  await writer.commit(content())
  broker.freeze(1)
  const beganMs = performance.now()
  await writer.close()
  expect(performance.now() - beganMs).toBeLessThan(10_000)
}, 60_000)
