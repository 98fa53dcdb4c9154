import { expect, it } from '@jest/globals'
import { readFetchAnswer } from './fetch-answer.ts'

const int16 = (value: number): Buffer => {
  const bytes = Buffer.alloc(2)
  bytes.writeInt16BE(value)
  return bytes
}
const int32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(value)
  return bytes
}
const int64 = (value: number): Buffer => {
  const bytes = Buffer.alloc(8)
  bytes.writeBigInt64BE(BigInt(value))
  return bytes
}
const name = (text: string): Buffer =>
  Buffer.concat([int16(Buffer.byteLength(text)), Buffer.from(text)])

const section = (
  partition: number,
  errorCode: number,
  aborted: readonly [number, number][] | null,
  records: Buffer | null,
) =>
  Buffer.concat([
    int32(partition),
    int16(errorCode),
    int64(900),
    int64(800),
    int64(3),
    int32(aborted === null ? -1 : aborted.length),
    ...(aborted ?? []).flatMap(([producerId, firstOffset]) => [
      int64(producerId),
      int64(firstOffset),
    ]),
    int32(-1),
    int32(records === null ? -1 : records.length),
    records ?? Buffer.alloc(0),
  ])

const answer = Buffer.concat([
  int32(7),
  int16(0),
  int32(0),
  int32(2),
  name('a.requests'),
  int32(2),
  section(
    0,
    0,
    [
      [5, 2 ** 40],
      [6, 1],
    ],
    Buffer.from('records'),
  ),
  section(3, 6, null, null),
  name('a.facts'),
  int32(1),
  section(1, 0, [], Buffer.from('more')),
])

it('reads every partition with its aborted transactions and its records', () => {
  const { throttleMs, errorCode, sections } = readFetchAnswer(answer)
  expect([throttleMs, errorCode]).toEqual([7, 0])
  expect(
    sections.map(({ records, ...rest }) => ({ ...rest, records: Buffer.from(records).toString() })),
  ).toEqual([
    {
      topic: 'a.requests',
      partition: 0,
      errorCode: 0,
      endOffset: 800,
      aborted: [
        { producerId: 5, firstOffset: 2 ** 40 },
        { producerId: 6, firstOffset: 1 },
      ],
      records: 'records',
    },
    { topic: 'a.requests', partition: 3, errorCode: 6, endOffset: 800, aborted: [], records: '' },
    { topic: 'a.facts', partition: 1, errorCode: 0, endOffset: 800, aborted: [], records: 'more' },
  ])
})

it('refuses an answer that is cut or longer than it says', () => {
  for (let length = 30; length < answer.length; length++)
    expect(() => readFetchAnswer(answer.subarray(0, length))).toThrow()
  expect(() => readFetchAnswer(Buffer.concat([answer, int16(0)]))).toThrow(/bytes, \d+ expected/)
})
