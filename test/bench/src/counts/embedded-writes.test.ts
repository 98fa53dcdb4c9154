import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { temporaryFolder } from '@tidemark/e2e'
import { ownProcess } from '../harness/own-process.ts'
import { describeWithStrace, systemCalls } from './strace.ts'

// What one write more costs: the difference between 60 and 10 of them, so that opening and closing do not count.

const [few, many] = [10, 60]
const script = join(import.meta.dirname, 'embedded-writes.ts')

let folder: ReturnType<typeof temporaryFolder>
beforeEach(() => {
  folder = temporaryFolder()
})
afterEach(() => folder.remove())

const perWrite = async (
  of: (count: number) => Promise<ReadonlyMap<string, number>>,
): Promise<(name: string) => number> => {
  const [less, more] = [await of(few), await of(many)]
  return (name) => ((more.get(name) ?? 0) - (less.get(name) ?? 0)) / (many - few)
}

const argsOf = (kind: string, count: number): readonly string[] => [
  join(folder.path, `${kind}-${count}`),
  kind,
  String(count),
]

const ownCalls = (kind: string) =>
  perWrite(async (count) => {
    const script = '../counts/embedded-writes.ts'
    return new Map(Object.entries(await ownProcess({ script, args: argsOf(kind, count) })))
  })

const names = ['fsync', 'fdatasync', 'pread64', 'pwrite64', 'fcntl']
const tracedCalls = (kind: string) =>
  perWrite(async (count) =>
    systemCalls(join(folder.path, `calls-${count}`), names, process.execPath, [
      script,
      ...argsOf(kind, count),
    ]),
  )

describe('an append of 100 records to the embedded log', () => {
  it('writes its pages once', async () => {
    const appends = await ownCalls('appends')
    // 16 KB of records. Today 13.5 calls: SQLite writes the header of a page and the page.
    expect(appends('writes')).toBeGreaterThan(1)
    expect(appends('writes')).toBeLessThan(18)
    // Today 119,000 bytes: seven pages.
    expect(appends('bytes')).toBeLessThan(160_000)
  })
})

describe('a commit with 100 outputs to the embedded log', () => {
  it('writes its pages once, those of outputs, checkpoint and positions together', async () => {
    const commits = await ownCalls('commits')
    // Today 17.5, and 152,000 bytes.
    expect(commits('writes')).toBeGreaterThan(1)
    expect(commits('writes')).toBeLessThan(24)
    expect(commits('bytes')).toBeLessThan(200_000)
  })
})

describeWithStrace('system calls of the embedded log', () => {
  it.each([
    // Today 13.4 writes and 6 locks; and 17.4 and 6.8.
    ['appends', { pwrite64: 18, fcntl: 9, pread64: 3 }],
    ['commits', { pwrite64: 24, fcntl: 10, pread64: 3 }],
  ])('wait for the disk once, for all that is written together: %s', async (kind, limits) => {
    const calls = await tracedCalls(kind)
    expect(calls('fsync') + calls('fdatasync')).toBe(1)
    for (const [name, limit] of Object.entries(limits)) expect(calls(name)).toBeLessThan(limit)
    expect(calls('pwrite64')).toBeGreaterThan(1)
  })
})
