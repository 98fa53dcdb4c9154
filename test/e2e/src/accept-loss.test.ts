import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { runApp, openLog, connect, type Address } from '@tidemark/assembly'
import { describeWithBroker } from '@tidemark/broker/jest'
import { defaultLayout } from '@tidemark/model'
import { sink } from '@tidemark/sink'
import { openSqlite, openStore } from '@tidemark/store'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import kafkajs from 'kafkajs'
import { jsonLines, temporaryFolder, tidemark, type Outcome } from './tidemark.ts'

// Records that are gone before they were read, on both logs: the aggregator stops, somebody accepts it, the aggregator goes on and
// says what is missing.

/** A log whose partitions 0 can be made to begin later, as retention does. */
type Trimmed = {
  readonly address: Address
  readonly options: readonly string[]
  readonly trim: (topic: string, toOffset: number) => Promise<void>
}

const startMs = Date.UTC(2026, 10, 21, 3)
/** One request in each second of `[from, to)`. */
const requests = (from: number, to: number): string =>
  Array.from({ length: to - from }, (_, i) => {
    const at = new Date(startMs + (from + i) * 1000).toISOString()
    return `${JSON.stringify({ type: 'request', service: 'checkout', at, latencyMs: 5, status: 200 })}\n`
  }).join('')

type LedgerRow = {
  readonly topic: string
  readonly events: number
  readonly aggregated: number
  readonly late: number
  readonly duplicate: number
  readonly lost: number
}
type WindowRow = {
  readonly window: { readonly start: string }
  readonly total: number
  readonly incomplete?: true
}
type Verified = {
  readonly outcome: string
  readonly unchecked: readonly object[]
  readonly topics: readonly {
    readonly first: object | null
    readonly emitted: { readonly records: number }
  }[]
}
type Replayed = {
  readonly equal: boolean
  readonly cut: readonly string[]
  readonly topics: readonly { readonly replayed: { readonly digest: string } }[]
}

const losing = (open: (folder: string) => Promise<Trimmed>): void => {
  const folder = temporaryFolder()
  let log: Trimmed
  const run = (...args: string[]): Promise<Outcome> =>
    tidemark(folder.path, [...args, ...log.options])
  const store = ['--store', join(folder.path, 'store.sqlite')]
  const publish = async (lines: string, ...args: string[]): Promise<void> => {
    const command = ['publish', '--stamp', 'event', ...args, ...log.options]
    expect(await tidemark(folder.path, command, { stdin: lines })).toMatchObject({ code: 0 })
  }
  const process = (): Promise<Outcome> => run('start', '--exit-when-caught-up', ...store)
  const requestsLedger = async (...of: readonly string[]): Promise<LedgerRow> => {
    const { stdout } = await tidemark(folder.path, ['ledger', '--json', ...of])
    return jsonLines<LedgerRow>(stdout).find(({ topic }) => topic === 'requests')!
  }

  beforeAll(async () => {
    log = await open(folder.path)
    const provisioned = ['topics', 'provision', '--timestamps', 'producer', '--partitions', '1']
    expect(await run(...provisioned)).toMatchObject({ code: 0 })
    await publish(requests(0, 30))
    expect(await process()).toMatchObject({ code: 0 })
    // The last window is open: a recovery reads from its first record, 20.
    await publish(requests(30, 60))
    await log.trim('requests', 45)
  }, 120_000)
  afterAll(folder.remove)

  it('stops where records are gone, and says which and what to do', async () => {
    const { code, stderr } = await process()
    expect(code).toBe(1)
    expect(stderr).toContain('requests/0: position 20 is outside of what is kept, 45 to 60')
    expect(stderr).toContain('25 records that are still wanted are gone')
    expect(stderr).toContain('tidemark accept-loss requests 0')
    expect(await requestsLedger(...log.options)).toMatchObject({ events: 30, lost: 0 })
  }, 60_000)

  it('accepts a loss only when it is told so, and only of what there is', async () => {
    expect(await run('accept-loss', 'requests', '0')).toMatchObject({ code: 2 })
    expect(await run('accept-loss', 'alerts', '0', '--yes')).toMatchObject({ code: 2 })
    expect(await run('accept-loss', 'requests', '1', '--yes')).toMatchObject({ code: 2 })
    const nothing = await run('accept-loss', 'health-checks', '0', '--yes', '--json')
    expect(JSON.parse(nothing.stdout)).toMatchObject({ accepted: false })
    expect((await process()).code).toBe(1)
  }, 60_000)

  it('takes another acceptance when more is gone since', async () => {
    const accepted = await run('accept-loss', 'requests', '0', '--yes', '--by', 'ada', '--json')
    expect(JSON.parse(accepted.stdout)).toMatchObject({
      ...{ accepted: true, by: 'ada', fromOffset: 20, toOffset: 45, lost: 15 },
    })
    await log.trim('requests', 48)
    expect((await process()).code).toBe(1)
    const again = await run('accept-loss', 'requests', '0', '--yes')
    expect(again.stdout).toContain('18 records never read')
    expect(again.stdout).toContain('10 records read and counted before')
    // Twice is harmless.
    expect(await run('accept-loss', 'requests', '0', '--yes')).toMatchObject({ code: 0 })
  }, 60_000)

  it('goes on then: the ledger balances, and what the gap touched is incomplete', async () => {
    await publish(requests(60, 70), '--flush')
    expect(await process()).toMatchObject({ code: 0 })
    const row = await requestsLedger(...log.options)
    expect(row).toMatchObject({ events: 52, lost: 18 })
    expect(row.aggregated + row.late + row.duplicate).toBe(row.events)
    const { stdout } = await run('windows', '--json', ...store)
    const found = jsonLines<WindowRow>(stdout).map((of) => [
      (Date.parse(of.window.start) - startMs) / 1000,
      of.total,
      of.incomplete ?? false,
    ])
    // What was read of the window at 20 is gone with the records; events of the gap may lie 10 s ahead of the record behind it.
    expect(found).toEqual([
      [0, 10, false],
      [10, 10, false],
      [40, 2, true],
      [50, 10, true],
      [60, 10, false],
    ])
    const nothing = await run('accept-loss', 'requests', '0', '--yes')
    expect(nothing).toMatchObject({ code: 0 })
    expect(nothing.stdout).toContain('nothing is lost')
  }, 60_000)

  it('verifies what rests on the inputs that are kept, and says what it cannot check', async () => {
    const { code, stdout } = await run('verify', '--json')
    const found = JSON.parse(stdout) as Verified
    expect(found.topics.filter(({ first }) => first !== null)).toEqual([])
    expect({ code, outcome: found.outcome }).toEqual({ code: 0, outcome: 'equal' })
    expect(found.unchecked).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ kind: 'inputs-removed', topic: 'requests', startOffset: 48 }),
        { kind: 'ledger', topic: 'requests', partition: 0 },
        { kind: 'judgements', partition: 0, fromUs: null },
      ]),
    )
    expect(found.topics[0]!.emitted.records).toBeGreaterThan(3)
  }, 60_000)

  it('replays what is kept, the same each time, and says what is not', async () => {
    const replays = []
    for (const into of ['one', 'two']) {
      const { code, stdout } = await run('replay', '--into', into, '--json')
      expect(code).toBe(1)
      replays.push(JSON.parse(stdout) as Replayed)
      expect(await requestsLedger('--data', into)).toMatchObject({ events: 22, lost: 48 })
    }
    expect(replays[0]!.cut).toEqual(['requests/0 below 48'])
    const digests = replays.map(({ topics }) => topics.map(({ replayed }) => replayed.digest))
    expect(digests[0]).toEqual(digests[1])
  }, 120_000)

  it('begins a new store where the topics begin, but no evaluator', async () => {
    await log.trim('aggregates', 1)
    const { code, stderr } = await process()
    expect(code).toBe(1)
    expect(stderr).toContain('aggregates/0: position 0 is outside of what is kept, 1 to')
    expect(stderr).toContain('tidemark replay')
    const { log: opened, layout } = await connect(log.address, defaultLayout)
    const file = join(folder.path, 'new.sqlite')
    const end = new AbortController().signal
    await runApp(sink, { log: opened, layout, store: file }, { untilCaughtUp: true }, end)
    const aggregates = (await opened.bounds('aggregates'))[0]!
    await opened.close()
    const snapshots = await openStore(openSqlite(file))
    expect(await snapshots.positions()).toContainEqual({
      ...{ topic: 'aggregates', partition: 0, position: aggregates.endOffset },
    })
    await snapshots.close()
  }, 60_000)
}

describe('a gap in a folder', () => {
  losing(async (folder) => {
    const data = join(folder, 'log')
    await (await openLog({ kind: 'embedded', folder: data })).close()
    return {
      address: { kind: 'embedded', folder: data },
      options: ['--data', data],
      // Its own retention never takes what is still needed, so this is somebody else's hand.
      trim: async (topic, toOffset) => {
        const database = new DatabaseSync(join(data, 'log.sqlite'))
        database
          .prepare(
            `delete from batch where last_offset < ? and partition_id in
               (select partition_id from partition_state where topic = ? and partition = 0)`,
          )
          .run(toOffset, topic)
        database
          .prepare('update partition_state set start_offset = ? where topic = ? and partition = 0')
          .run(toOffset, topic)
        database.close()
      },
    }
  })
})

describeWithBroker('a gap on Kafka', (brokers) => {
  losing(async () => {
    const prefix = `gap-${randomUUID().slice(0, 8)}.`
    return {
      address: { kind: 'kafka', brokers: brokers(), prefix },
      options: ['--brokers', brokers().join(','), '--prefix', prefix],
      trim: async (topic, toOffset) => {
        const { Kafka, logLevel } = kafkajs
        const admin = new Kafka({ brokers: [...brokers()], logLevel: logLevel.NOTHING }).admin()
        const name = `${prefix}${topic}`
        await admin.connect()
        try {
          // kafkajs deletes only where it knows the leader, and does not ask.
          await admin.fetchTopicOffsets(name)
          const partitions = [{ partition: 0, offset: String(toOffset) }]
          await admin.deleteTopicRecords({ topic: name, partitions })
        } finally {
          await admin.disconnect()
        }
      },
    }
  })
})
