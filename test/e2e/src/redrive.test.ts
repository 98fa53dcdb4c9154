import { join } from 'node:path'
import { openLog } from '@tidemark/assembly'
import { encode, tick } from '@tidemark/codec'
import {
  epochMs,
  type InputTopic,
  type RequestBatch,
  type RequestObserved,
  type TidemarkEvent,
} from '@tidemark/model'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { jsonLines, temporaryFolder, tidemark, type Outcome } from './tidemark.ts'

const startMs = Date.UTC(2026, 10, 21, 3)
const requestAt = (atMs: number): RequestObserved => ({
  type: 'RequestObserved',
  id: null,
  service: 'checkout',
  operation: 'GET /cart',
  atUs: atMs * 1000,
  latencyUs: 1000,
  status: 200,
  success: true,
})
/** Three requests, of which the second is 12 s ahead. */
const batch: RequestBatch = {
  type: 'RequestBatch',
  batchId: '07070707-0707-4707-8707-070707070707',
  service: 'checkout',
  baseUs: startMs * 1000,
  operations: ['GET /cart'],
  deltaUs: [0, 12_000_000, 1],
  latencyUs: [1, 2, 3],
  status: [200, 500, 200],
  operation: [0, 0, 0],
  failures: [1],
}

type LedgerRow = { readonly topic: string; readonly aggregated: number; readonly duplicate: number }

describe('events that were refused, while their windows are open', () => {
  const folder = temporaryFolder()
  const run = (...args: string[]): Promise<Outcome> =>
    tidemark(folder.path, [...args, '--data', 'log'])
  const append = async (
    topic: InputTopic,
    key: string | null,
    event: TidemarkEvent | null,
    timestampMs: number,
  ): Promise<void> => {
    const log = await openLog({ kind: 'embedded', folder: join(folder.path, 'log') })
    const publisher = await log.publisher()
    const value = event === null ? tick : encode(event)
    const stamp = epochMs(timestampMs)
    await publisher.append(topic, 0, [
      { key: key === null ? null : Buffer.from(key), value, timestampMs: stamp },
    ])
    await publisher.close()
    await log.close()
  }
  const process = async (): Promise<LedgerRow> => {
    expect(await run('start', '--exit-when-caught-up')).toMatchObject({ code: 0 })
    const rows = jsonLines<LedgerRow>((await run('ledger', '--json')).stdout)
    return rows.find(({ topic }) => topic === 'requests')!
  }

  beforeAll(async () => {
    const provision = ['topics', 'provision', '--timestamps', 'producer', '--partitions', '1']
    expect(await run(...provision)).toMatchObject({ code: 0 })
    await append('requests', 'checkouT', requestAt(startMs), startMs)
    await append('requests', 'checkout', batch, startMs)
    expect(await process()).toMatchObject({ aggregated: 2, rejected: { bad_key: 1, future: 1 } })
  }, 60_000)
  afterAll(folder.remove)

  it('are listed with where they stand and why they were refused', async () => {
    const { stdout } = await run('rejected')
    expect(stdout.split('\n').map((line) => line.trimEnd())).toEqual([
      'time                  record        reason   events  detail',
      expect.stringMatching(
        /^2026-11-21T03:00:00(\.0+)?Z +requests\/0@0 +bad_key +1 +the key is not the service$/,
      ),
      expect.stringMatching(/requests\/0@1 +future +1 +event 1: atUs \d+ is 12000000 us ahead/),
      '2 records, 2 events',
      '',
    ])
    const future = await run('rejected', '--reason', 'future', '--json')
    expect(jsonLines(future.stdout)).toMatchObject([
      { record: 'requests/0@1', reason: 'future', indexes: [1], events: 1 },
    ])
  })

  it('are chosen, never by mistake all', async () => {
    const { code, stderr } = await run('redrive')
    expect(code).toBe(2)
    expect(stderr).toMatch(/say which records.*--all/)
    const wrong = await run('redrive', 'alerts/0@1')
    expect(wrong.code).toBe(2)
    expect(wrong.stderr).toMatch(/not TOPIC\/PARTITION@OFFSET of an input topic/)
    const unknown = await run('rejected', '--reason', 'bad_luck')
    expect(unknown.stderr).toMatch(/"bad_luck" is none of bad_avro, .*unknown_schema/)
  })

  it('are not sent by a dry run', async () => {
    const dry = await run('redrive', '--all', '--dry-run')
    expect(dry.stdout).toBe('would send 2 events of 2 records again, 0 records not\n')
    expect(await process()).toMatchObject({ aggregated: 2, duplicate: 0 })
  })

  it('count after they were sent again, and a second time as repeats', async () => {
    const first = await run('redrive', 'requests/0@0')
    expect(first.stdout).toBe('sent 1 event of 1 record again, 0 records not\n')
    expect(await process()).toMatchObject({ aggregated: 3, duplicate: 0 })
    // The event of the batch takes the clock with it, to 12 s: its own window is open then, and so is that of the others.
    const second = await run('redrive', '--all')
    expect(second.stdout).toBe('sent 2 events of 2 records again, 0 records not\n')
    expect(await process()).toMatchObject({ aggregated: 4, duplicate: 1 })
    await run('redrive', '--all')
    expect(await process()).toMatchObject({ aggregated: 4, duplicate: 3 })
  }, 60_000)

  it('are of their own windows when these close', async () => {
    for (const topic of ['requests', 'health-checks', 'facts'] as const)
      await append(topic, null, null, startMs + 60_000)
    expect(await process()).toMatchObject({ open: 0 })
    const windows = jsonLines<{ readonly windowStart: string; readonly requests: object }>(
      (await run('windows', '--json')).stdout,
    )
    expect(windows).toMatchObject([
      { total: 3, failed: 0 },
      { total: 1, failed: 1 },
    ])
  })
})
