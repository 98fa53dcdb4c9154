import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import {
  AccessDeniedError,
  CorruptLogError,
  LayoutMismatchError,
  LogFullError,
  NotProvisionedError,
  UnavailableError,
  UnsupportedLogError,
} from '@tidemark/log'
import type { EpochMs } from '@tidemark/model'
import { openEmbeddedLog } from './embedded-log.ts'
import { logErrorOf } from './failures.ts'
import { openStore } from './store.ts'
import { bytesOf, openWorld, provision, readAll, type World } from './testing/world.ts'

let world: World
beforeEach(() => {
  world = openWorld()
})
afterEach(() => world.end())

const change = (file: string, text: string): void => {
  const database = new DatabaseSync(file)
  database.exec(text)
  database.close()
}

const entries = [{ key: null, value: bytesOf('x') }]

describe('opening', () => {
  it('makes the folder, and finds the log there the next time', async () => {
    const folder = join(world.folder, 'a', 'b')
    const first = await openEmbeddedLog({ folder })
    await provision(first)
    await first.close()
    const second = await openEmbeddedLog({ folder, create: false })
    expect(await second.layoutRecord()).not.toBeNull()
    await second.close()
  })

  it('makes nothing when it is told not to', async () => {
    const folder = join(world.folder, 'missing')
    await expect(openEmbeddedLog({ folder, create: false })).rejects.toThrow(NotProvisionedError)
    expect(() => rmSync(folder)).toThrow(/ENOENT/)
  })

  it('works for many at once on a new file', async () => {
    const logs = await Promise.all(Array.from({ length: 8 }, () => world.open()))
    const results = await Promise.all(logs.map((log) => provision(log)))
    expect(results.toSorted()).toEqual(['created', ...Array.from({ length: 7 }, () => 'unchanged')])
  })

  it('lets one of several layouts win', async () => {
    const logs = await Promise.all(Array.from({ length: 4 }, () => world.open()))
    const results = await Promise.allSettled(
      logs.map((log, i) => provision(log, { partitions: i + 1 })),
    )
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    for (const result of results)
      if (result.status === 'rejected') expect(result.reason).toBeInstanceOf(LayoutMismatchError)
  })

  it('takes over a log of the version before', async () => {
    const first = await world.open()
    await provision(first)
    await first.close()
    change(
      world.file,
      `alter table task drop column committed_ms; alter table task drop column committed_epoch;
       pragma user_version = 1`,
    )
    const log = await world.open()
    await log
      .host(
        { processor: 'aggregator', topics: ['requests'], tasks: 1 },
        async ({ commit }) => {
          await commit({ outputs: [], checkpoint: new Map(), positions: [] })
          throw Object.assign(new Error('enough'), { retriable: false })
        },
        new AbortController().signal,
      )
      .catch(() => undefined)
    const [state] = await log.checkpoints('aggregator', 1)
    expect(state).toMatchObject({ isTakenOver: false, checkpoint: new Map() })
  })

  it('refuses a log of a newer version', async () => {
    await (await world.open()).close()
    change(world.file, 'pragma user_version = 3')
    await expect(world.open()).rejects.toThrow(UnsupportedLogError)
    await expect(world.open()).rejects.toThrow(
      /written by a newer Tidemark \(version 3 of the file, this one reads up to 2\)/,
    )
  })

  it('refuses the file of another program, and leaves it alone', async () => {
    change(world.file, 'create table somebody_elses (x); pragma user_version = 1')
    await expect(world.open()).rejects.toThrow(UnsupportedLogError)
    change(world.file, 'insert into somebody_elses values (1)')
  })

  it('refuses a file that is no database', async () => {
    writeFileSync(world.file, 'x'.repeat(5000))
    await expect(world.open()).rejects.toThrow(CorruptLogError)
  })

  it('says where no folder can be', async () => {
    const file = join(world.folder, 'file')
    writeFileSync(file, '')
    await expect(openEmbeddedLog({ folder: join(file, 'log') })).rejects.toThrow(AccessDeniedError)
    await expect(openEmbeddedLog({ folder: file })).rejects.toThrow(AccessDeniedError)
    mkdirSync(world.file)
    await expect(world.open()).rejects.toThrow(AccessDeniedError)
  })

  it('has every commit flushed to the disk', async () => {
    const { database } = await openStore({ folder: world.folder })
    // No test can cut the power; 2 is FULL, which with a write-ahead log flushes it at each commit.
    expect(database.first('pragma synchronous')).toEqual({ synchronous: 2 })
    expect(database.first('pragma journal_mode')).toEqual({ journal_mode: 'wal' })
    database.close()
  })

  it('refuses a size limit that nothing fits into', async () => {
    await expect(world.open({ bytesMax: 1000 })).rejects.toThrow(RangeError)
  })
})

describe('a log that is closed', () => {
  it('refuses everything, and may be closed again', async () => {
    const log = await world.open()
    await provision(log)
    const publisher = await log.publisher()
    await log.close()
    await log.close()
    await expect(publisher.append('requests', 0, entries)).rejects.toThrow(UnavailableError)
    await expect(log.bounds('requests')).rejects.toThrow(UnavailableError)
    await expect(log.layoutRecord()).rejects.toThrow(UnavailableError)
  })

  it('first writes what was asked for, and stops its tasks', async () => {
    const log = await world.open()
    await provision(log)
    const publisher = await log.publisher()
    const appended = Array.from({ length: 20 }, () => publisher.append('requests', 0, entries))
    const spec = { processor: 'p', topics: ['requests'], tasks: 2 } as const
    const stopped: number[] = []
    const started = new Promise<void>((resolve) => {
      void log.host(
        spec,
        ({ task }, signal) =>
          new Promise<void>((end) => {
            resolve()
            signal.addEventListener('abort', () => {
              stopped.push(task)
              end()
            })
          }),
        new AbortController().signal,
      )
    })
    await started
    await log.close()
    expect(stopped.toSorted()).toEqual([0, 1])
    expect((await Promise.all(appended)).map(({ baseOffset }) => baseOffset)).toEqual(
      Array.from({ length: 20 }, (_, i) => i),
    )
  })
})

describe('trouble', () => {
  it('with another writer is waited for until the deadline, without stopping the process', async () => {
    let nowMs = 0
    const log = await world.open({ monotonicMs: () => nowMs })
    await provision(log)
    const publisher = await log.publisher()
    const other = new DatabaseSync(world.file)
    other.exec('begin immediate')
    const late = publisher.append('requests', 0, entries)
    const failed = expect(late).rejects.toThrow(UnavailableError)
    nowMs = 30_001
    await failed
    const patient = publisher.append('requests', 0, entries)
    // Reading goes on meanwhile.
    expect(await readAll(log, 'requests')).toEqual([])
    other.exec('rollback')
    other.close()
    expect(await patient).toMatchObject({ baseOffset: 0 })
  })

  it('has the names of the port', () => {
    const thrownBy = (text: string, options = {}): unknown => {
      const database = new DatabaseSync(join(world.folder, 'trouble'), options)
      try {
        database.exec('create table if not exists t (b blob); pragma max_page_count = 3')
        database.exec(text)
      } catch (error) {
        return logErrorOf(error, 'log.sqlite')
      } finally {
        database.close()
      }
      return null
    }
    expect(thrownBy('insert into t values (zeroblob(100000))')).toBeInstanceOf(LogFullError)
    expect(thrownBy('insert into t values (1)', { readOnly: true })).toBeInstanceOf(
      AccessDeniedError,
    )
    const full = Object.assign(new Error('write'), { code: 'ENOSPC' })
    expect(logErrorOf(full, 'log.sqlite')).toBeInstanceOf(LogFullError)
    const denied = Object.assign(new Error('mkdir'), { code: 'EACCES' })
    expect(logErrorOf(denied, 'log.sqlite')).toBeInstanceOf(AccessDeniedError)
    const bug = new TypeError('x is not a function')
    expect(logErrorOf(bug, 'log.sqlite')).toBe(bug)
  })
})

it('stamps records with times that do not go back when the clock does', async () => {
  let nowMs = 5000
  const log = await world.open({ clock: () => nowMs as EpochMs })
  await provision(log)
  const publisher = await log.publisher()
  for (const next of [5000, 4000, 6000, 1000, 6001]) {
    nowMs = next
    await publisher.append('requests', 0, entries)
  }
  expect((await readAll(log, 'requests')).map(({ timestampMs }) => timestampMs)).toEqual([
    5000, 5000, 6000, 6000, 6001,
  ])
})
