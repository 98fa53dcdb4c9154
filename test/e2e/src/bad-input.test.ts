import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { zstdCompressSync } from 'node:zlib'
import { describeWithBroker } from '@tidemark/broker/jest'
import { encode, tick } from '@tidemark/codec'
import { inputTopics, type RequestObserved } from '@tidemark/model'
import { afterAll, beforeAll, expect, it } from '@jest/globals'
import kafkajs, { type CompressionTypes, type Message, type Producer } from 'kafkajs'
import { badRecords, type BadRecord } from './bad-records.ts'
import { lz4Stored, snappyStored } from './foreign-codecs.ts'
import { jsonLines, temporaryFolder, tidemark, type Outcome } from './tidemark.ts'

// Foreign producers on a real broker: whatever they write, the partition goes on, and each refusal is in `rejected` once.

const startMs = Date.UTC(2026, 10, 21, 3)
const atUs = startMs * 1000
const good = (service: string, changes: Partial<RequestObserved> = {}): RequestObserved => ({
  type: 'RequestObserved',
  id: null,
  service,
  operation: '',
  atUs,
  latencyUs: 1000,
  status: 200,
  success: true,
  ...changes,
})
const recordOf = (event: RequestObserved, timestampMs = startMs): Message => ({
  key: Buffer.from(event.service),
  value: Buffer.from(encode(event)),
  partition: 0,
  timestamp: String(timestampMs),
})

type Row = {
  readonly record: string
  readonly topic: string
  readonly offset: number
  readonly reason: string
  readonly indexes: readonly number[]
  readonly key: string | null
  readonly value: string | null
  readonly valueBytes: number
}
type LedgerRow = {
  readonly topic: string
  readonly events: number
  readonly aggregated: number
  readonly late: number
  readonly duplicate: number
  readonly open: number
  readonly rejected: Readonly<Record<string, number>>
}

/** `__proto__` and `constructor` are names like any other. */
const names = ['checkout', '__proto__', 'constructor', 'a', 'x'.repeat(128)]

describeWithBroker('records of producers that are not ours', (brokers) => {
  const folder = temporaryFolder()
  const prefix = `bad-${randomUUID().slice(0, 8)}.`
  const run = (...args: string[]): Promise<Outcome> => {
    const onKafka = ['--brokers', brokers().join(','), '--prefix', prefix]
    return tidemark(folder.path, [...args, ...onKafka])
  }
  const store = (): string[] => ['--store', join(folder.path, 'store.sqlite')]
  const records = badRecords(atUs)
  const expected = new Map<string, BadRecord>()
  let producer: Producer
  const send = (topic: string, messages: Message[], compression?: CompressionTypes) =>
    producer.send({
      topic: prefix + topic,
      messages,
      acks: -1,
      ...(compression !== undefined && { compression }),
    })

  beforeAll(async () => {
    kafkajs.CompressionCodecs[kafkajs.CompressionTypes.Snappy] = codecOf(snappyStored)
    kafkajs.CompressionCodecs[kafkajs.CompressionTypes.LZ4] = codecOf(lz4Stored)
    kafkajs.CompressionCodecs[kafkajs.CompressionTypes.ZSTD] = codecOf(zstdCompressSync)
    const provision = ['topics', 'provision', '--timestamps', 'producer', '--partitions', '1']
    expect(await run(...provision)).toMatchObject({ code: 0 })
    const client = new kafkajs.Kafka({
      brokers: [...brokers()],
      logLevel: kafkajs.logLevel.NOTHING,
      retry: { initialRetryTime: 20, retries: 20 },
    })
    producer = client.producer({ allowAutoTopicCreation: false })
    await producer.connect()
    for (const record of records) {
      const { topic, key, value } = record
      const timestamp = String(startMs)
      const [sent] = await send(topic, [
        {
          key: key === null ? null : Buffer.from(key),
          value: value === null ? null : Buffer.from(value),
          partition: 0,
          timestamp,
        },
      ])
      expected.set(`${topic}/0@${sent!.baseOffset}`, record)
    }
  }, 300_000)
  afterAll(async () => {
    await producer.disconnect()
    folder.remove()
  })

  const ledgerOfRequests = async (): Promise<LedgerRow> =>
    jsonLines<LedgerRow>((await run('ledger', '--json')).stdout).find(
      ({ topic }) => topic === 'requests',
    )!

  it('takes what foreign codecs packed, unpacked by the broker', async () => {
    for (const codec of ['None', 'GZIP', 'Snappy', 'LZ4', 'ZSTD'] as const)
      await send(
        'requests',
        names.map((name) => recordOf(good(name, { operation: codec }))),
        kafkajs.CompressionTypes[codec],
      )
  })

  it('is shielded from bombs: the broker unpacks, and refuses what is too large then', async () => {
    for (const codec of ['GZIP', 'Snappy', 'LZ4', 'ZSTD'] as const) {
      const bomb = { key: 'bomb', value: Buffer.alloc(64 * 1024 * 1024), partition: 0 }
      const sending = send('requests', [bomb], kafkajs.CompressionTypes[codec])
      await expect(sending).rejects.toMatchObject({ type: 'MESSAGE_TOO_LARGE' })
    }
  }, 120_000)

  it('takes a record as large as the topic takes, and the broker refuses one byte more', async () => {
    const sent = await send('requests', [filling(2 * 1024 * 1024)])
    expected.set(`requests/0@${sent[0]!.baseOffset}`, {
      name: 'a value as large as the topic takes',
      topic: 'requests',
      key: Buffer.from('big'),
      value: filling(2 * 1024 * 1024).value as Buffer,
      refusals: [{ reason: 'bad_frame' }],
    })
    const more = send('requests', [filling(2 * 1024 * 1024 + 1)])
    await expect(more).rejects.toMatchObject({ type: 'MESSAGE_TOO_LARGE' })
  })

  it('takes ten thousand headers for nothing', async () => {
    const headers = Object.fromEntries(
      Array.from({ length: 10_000 }, (_, i) => [`service-${i}`, 'another']),
    )
    await send('requests', [{ ...recordOf(good('checkout', { operation: 'None' })), headers }])
  })

  it('counts as late what says seconds or nothing for microseconds', async () => {
    await send('requests', [
      recordOf(good('checkout', { atUs: startMs / 1000 })),
      recordOf(good('checkout', { atUs: 0 })),
    ])
  })

  it('goes on, and ends where the log ends', async () => {
    const end = String(startMs + 60_000)
    for (const topic of inputTopics)
      await send(topic, [{ key: null, value: Buffer.from(tick), partition: 0, timestamp: end }])
    const started = await run('start', '--exit-when-caught-up', ...store())
    expect(started).toMatchObject({ code: 0 })
  }, 120_000)

  it('has each refusal in `rejected` once, with its reason, its source and its bytes', async () => {
    const rows = jsonLines<Row>((await run('rejected', '--json')).stdout)
    const found = rows.map(({ record, reason, indexes }) => ({
      name: expected.get(record)?.name ?? record,
      reason,
      indexes,
    }))
    const wanted = [...expected.values()].flatMap(({ name, refusals }) =>
      refusals.map(({ reason, indexes }) => ({ name, reason, indexes })),
    )
    const line = (row: { name: string; reason: string }): string => `${row.name}: ${row.reason}`
    expect(found.map(line).toSorted()).toEqual(wanted.map(line).toSorted())
    for (const { name, reason, indexes } of wanted)
      if (indexes !== undefined) expect(found).toContainEqual({ name, reason, indexes })
    for (const { record, key, value, valueBytes } of rows) {
      const original = expected.get(record)!
      expect(key).toBe(original.key === null ? null : base64(original.key))
      expect(valueBytes).toBe(original.value?.length ?? 0)
      expect(value).toBe(original.value === null ? null : base64(original.value.slice(0, 4096)))
    }
  })

  it('balances: every event that was sent is in the ledger', async () => {
    const rows = jsonLines<LedgerRow>((await run('ledger', '--json')).stdout)
    const byTopic = new Map(rows.map((row) => [row.topic, row]))
    for (const { events, aggregated, late, duplicate, rejected } of rows) {
      const refused = Object.values(rejected).reduce((sum, count) => sum + count, 0)
      expect(aggregated + late + duplicate + refused).toBe(events)
    }
    // Those of five codecs, the one with headers, and what is good of two batches; the second repeats an event of the first.
    expect(byTopic.get('requests')).toMatchObject({
      aggregated: 5 * names.length + 1 + 2,
      late: 2,
      duplicate: 1,
      open: 0,
      rejected: refusalsOf('requests', [...expected.values()]),
    })
    for (const topic of ['health-checks', 'facts'])
      expect(byTopic.get(topic)).toMatchObject({
        aggregated: 0,
        rejected: refusalsOf(topic, [...expected.values()]),
      })
  })

  it('leaves the good events of the partition unharmed, whatever their names', async () => {
    const windows = jsonLines<{ kind: string; service: string; requests?: number; total?: number }>(
      (await run('windows', '--json', ...store())).stdout,
    )
    const services = windows.map(({ service }) => service)
    expect(services.toSorted()).toEqual([...names, 'bad-svc'].toSorted())
  })

  it('replays to the same bytes', async () => {
    const replayed = await run('replay', '--into', 'replayed', '--json')
    expect(JSON.parse(replayed.stdout)).toMatchObject({ equal: true })
  }, 120_000)

  it('sends again what can be mended, once, and says why the rest is not', async () => {
    const tried = await run('redrive', '--all', '--json')
    expect(tried.code).toBe(1)
    const outcomes = jsonLines<{ record: string; reason: string; sent: boolean; why?: string }>(
      tried.stdout,
    )
    const sent = outcomes
      .filter((each) => each.sent)
      .map(({ record }) => expected.get(record)!.name)
    expect(sent.toSorted()).toEqual(
      [
        'no key',
        'an empty key',
        'the key of another service',
        'a key in other letters',
        'a time 11 s ahead',
        'a batch with one wrong clock',
        'a fact without a key',
        'a fact under the key of another',
        'a silence under the key of a service',
        'a fact 11 s ahead',
      ].toSorted(),
    )
    for (const { why, sent: isSent } of outcomes) expect(isSent || why !== '').toBe(true)
  }, 120_000)

  it('counts what was sent again once, however often it is', async () => {
    const again = await run('redrive', '--reason', 'bad_key')
    expect(again).toMatchObject({
      code: 0,
      stdout: 'sent 7 events of 7 records again, 0 records not\n',
    })
    const before = await ledgerOfRequests()
    expect(await run('start', '--exit-when-caught-up', ...store())).toMatchObject({ code: 0 })
    const after = await ledgerOfRequests()
    // Windows closed meanwhile: whoever mends a key a minute later finds them late, each time.
    expect(after.late - before.late + after.aggregated - before.aggregated).toBe(10)
  }, 120_000)
})

/** One record whose batch has exactly this many bytes. */
const filling = (batchBytes: number): Message => {
  // 61 bytes of batch; 4 of record length, 1 each of attributes, two deltas, key length and headers, 3 of key, 4 of value length.
  const overhead = 61 + 4 + 5 + 3 + 4
  return {
    key: 'big',
    value: Buffer.alloc(batchBytes - overhead, 0x7b),
    partition: 0,
    timestamp: String(startMs),
  }
}

const refusalsOf = (topic: string, records: readonly BadRecord[]): Record<string, number> => {
  const counts: Record<string, number> = {}
  for (const record of records)
    if (record.topic === topic)
      for (const { reason, indexes } of record.refusals)
        counts[reason] = (counts[reason] ?? 0) + (indexes?.length ?? 1)
  return counts
}

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64')

const codecOf = (compress: (bytes: Buffer) => Uint8Array) => () => ({
  compress: ({ buffer }: { buffer: Buffer }) => Promise.resolve(Buffer.from(compress(buffer))),
  decompress: () => Promise.reject(new Error('this test only writes')),
})
