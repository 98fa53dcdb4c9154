import type { EventEmitter } from 'node:events'
import { batchHeaderAt } from '@tidemark/wire'
import {
  compactArray,
  compactString,
  int16,
  int32,
  int64,
  noTaggedFields,
  nullableString,
  type AnswerReader,
} from '../protocol-bytes.ts'

// What a scripted broker says to each kind of request.

/** An error code in place of what was asked for; or never an answer; or an end of the connection, without an answer or in its midst. */
export type Fate = number | 'silence' | 'cut' | 'half'

export type Asked = {
  readonly kind: Kind
  /** What the request is about, as far as tests look into it. */
  readonly what: string
}

export const kinds = {
  0: 'Produce',
  2: 'ListOffsets',
  3: 'Metadata',
  10: 'FindCoordinator',
  11: 'JoinGroup',
  12: 'Heartbeat',
  13: 'LeaveGroup',
  14: 'SyncGroup',
  18: 'ApiVersions',
  22: 'InitProducerId',
  24: 'AddPartitionsToTxn',
  25: 'AddOffsetsToTxn',
  26: 'EndTxn',
  28: 'TxnOffsetCommit',
} as const
export type ApiKey = keyof typeof kinds
export type Kind = (typeof kinds)[ApiKey]

/** The simplest versions that can say what is needed. The writer chooses those of Produce and TxnOffsetCommit itself. */
const versions: Readonly<Record<ApiKey, number>> = {
  ...{ 0: 7, 2: 2, 3: 0, 10: 1, 11: 0, 12: 0, 13: 0, 14: 0 },
  ...{ 18: 0, 22: 0, 24: 0, 25: 0, 26: 0, 28: 3 },
}

/** What a scripted broker has been told, and what it was asked. */
export type Scripted = {
  readonly asked: Asked[]
  readonly searched: Kind[]
  readonly fates: Map<Kind, Fate[]>
  readonly arrivals: EventEmitter
  readonly underWay: Map<string, number>
  readonly ends: Map<string, number>
  readonly nodes: readonly Node[]
  epoch: number
  most: number
}

export type Node = {
  readonly id: number
  readonly port: number
  readonly questions: Kind[]
  state: 'well' | 'frozen'
  isBuried: boolean
}

/** Those that the cluster takes for alive; the first one has every part. */
const membersOf = ({ nodes }: Scripted): readonly Node[] => nodes.filter((node) => !node.isBuried)

const partitions = 2
type Answering = (
  scripted: Scripted,
  request: AnswerReader,
  frame: Buffer,
) => { readonly what: string; readonly body: (errorCode: number) => Buffer }

const throttleMs = int32(0)
const array = (items: readonly Buffer[]): Buffer => Buffer.concat([int32(items.length), ...items])
const strings = (request: AnswerReader): readonly string[] =>
  Array.from({ length: request.int32() }, () => request.string())

/** Of a topic and its partitions, as requests of several kinds have them. */
const topicPartitions = (
  request: AnswerReader,
): readonly (readonly [string, readonly number[]])[] =>
  Array.from({ length: request.int32() }, () => [
    request.string(),
    Array.from({ length: request.int32() }, () => request.int32()),
  ])

const producerOf = (request: AnswerReader): string =>
  `${request.string()} ${request.int64()}/${request.int16()}`

export const answers: Readonly<Record<Kind, Answering>> = {
  ApiVersions: () => ({
    what: '',
    body: () =>
      Buffer.concat([
        int16(0),
        array(
          Object.entries(versions).map(([key, version]) =>
            Buffer.concat([int16(Number(key)), int16(0), int16(version)]),
          ),
        ),
      ]),
  }),
  Metadata: (scripted, request) => {
    const names = strings(request)
    const members = membersOf(scripted)
    const [leader] = members
    const brokers = members.map(({ id, port }) =>
      Buffer.concat([int32(id), nullableString('127.0.0.1'), int32(port)]),
    )
    const partition = (id: number): Buffer => {
      const replicas = array([int32(leader!.id)])
      return Buffer.concat([int16(0), int32(id), int32(leader!.id), replicas, replicas])
    }
    const topic = (name: string): Buffer =>
      Buffer.concat([
        int16(0),
        nullableString(name),
        array(Array.from({ length: partitions }, (_, id) => partition(id))),
      ])
    return { what: '', body: () => Buffer.concat([array(brokers), array(names.map(topic))]) }
  },
  FindCoordinator: (scripted) => {
    const { id, port } = membersOf(scripted)[0]!
    return {
      what: '',
      body: (errorCode) =>
        Buffer.concat([
          ...[throttleMs, int16(errorCode), nullableString(null)],
          ...[int32(id), nullableString('127.0.0.1'), int32(port)],
        ]),
    }
  },
  // The only member, which has to say nothing of others.
  JoinGroup: (_, request) => ({
    what: request.string(),
    body: (errorCode) =>
      Buffer.concat([
        ...[int16(errorCode), int32(1), nullableString('tidemark-tasks')],
        ...[nullableString('leader'), nullableString('member'), array([])],
      ]),
  }),
  SyncGroup: (_, request) => ({
    what: request.string(),
    body: (errorCode) => Buffer.concat([int16(errorCode), int32(0)]),
  }),
  Heartbeat: (_, request) => ({ what: request.string(), body: int16 }),
  LeaveGroup: (_, request) => ({ what: request.string(), body: int16 }),
  InitProducerId: (scripted, request) => ({
    what: `${request.string()} ${request.int32()} ms`,
    body: (errorCode) => {
      if (errorCode === 0) scripted.epoch++
      return Buffer.concat([throttleMs, int16(errorCode), int64(7), int16(scripted.epoch)])
    },
  }),
  AddPartitionsToTxn: (_, request) => {
    const who = producerOf(request)
    const topics = topicPartitions(request)
    return {
      what: `${who} ${topics.map(([name, of]) => `${name}:${of.join()}`).join(' ')}`,
      body: (errorCode) =>
        Buffer.concat([
          throttleMs,
          array(
            topics.map(([name, of]) =>
              Buffer.concat([
                nullableString(name),
                array(of.map((id) => Buffer.concat([int32(id), int16(errorCode)]))),
              ]),
            ),
          ),
        ]),
    }
  },
  AddOffsetsToTxn: (_, request) => ({
    what: `${producerOf(request)} ${request.string()}`,
    body: (errorCode) => Buffer.concat([throttleMs, int16(errorCode)]),
  }),
  EndTxn: (_, request) => ({
    what: producerOf(request),
    body: (errorCode) => Buffer.concat([throttleMs, int16(errorCode)]),
  }),
  Produce: ({ ends }, request, frame) => {
    const transactionalId = request.string()
    // Acks 2, timeout 4.
    request.int16()
    request.int32()
    const topics = request.int32()
    const name = request.string()
    const count = request.int32()
    const partition = request.int32()
    const bytes = request.int32()
    // The one batch is the end of the request.
    const batchStart = frame.length - bytes
    const batch = batchHeaderAt(frame, batchStart)
    const sequence = frame.readInt32BE(batchStart + 53)
    const key = `${name}/${partition}`
    const base = ends.get(key) ?? 0
    const writer =
      transactionalId === ''
        ? 'nobody'
        : `${transactionalId} ${batch.producerId}/${frame.readInt16BE(batchStart + 51)}`
    return {
      what: `${key} of ${topics}x${count}, ${batch.count} from ${sequence} by ${writer}`,
      body: (errorCode) => {
        if (errorCode === 0) ends.set(key, base + batch.count)
        const answered = [int32(partition), int16(errorCode), int64(base), int64(-1), int64(0)]
        const topic = [nullableString(name), array([Buffer.concat(answered)])]
        return Buffer.concat([array([Buffer.concat(topic)]), throttleMs])
      },
    }
  },
  TxnOffsetCommit: (_, request) => {
    request.taggedFields()
    const transactionalId = request.compactString()
    const groupId = request.compactString()
    const producer = `${request.int64()}/${request.int16()}`
    const generation = request.int32()
    const member = request.compactString()
    request.compactString()
    const topics = Array.from({ length: request.compactLength() }, () => {
      const name = request.compactString()
      const positions = Array.from({ length: request.compactLength() }, () => {
        const position = `${name}/${request.int32()}=${request.int64()}`
        request.int32()
        request.compactString()
        request.taggedFields()
        return position
      })
      request.taggedFields()
      return positions
    })
    return {
      what: `${transactionalId} ${producer} ${groupId} ${member}@${generation} ${topics.flat().join(' ')}`,
      body: (errorCode) => {
        const partition = Buffer.concat([int32(0), int16(errorCode), noTaggedFields])
        const topic = [compactString('any'), compactArray([partition]), noTaggedFields]
        return Buffer.concat([
          noTaggedFields,
          throttleMs,
          compactArray([Buffer.concat(topic)]),
          noTaggedFields,
        ])
      },
    }
  },
  // All that was written is committed.
  ListOffsets: ({ ends }, _, frame) => ({
    what: '',
    body: (errorCode) => {
      // One topic with one partition: behind its name come a count, a partition and a timestamp of 8 bytes.
      const headerBytes = 10 + frame.readInt16BE(8)
      const name = frame.toString('utf8', headerBytes + 4 + 1 + 4 + 2, frame.length - 16)
      const partition = frame.readInt32BE(frame.length - 12)
      const end = ends.get(`${name}/${partition}`) ?? 0
      const answered = [int32(partition), int16(errorCode), int64(-1), int64(end)]
      const topic = [nullableString(name), array([Buffer.concat(answered)])]
      return Buffer.concat([throttleMs, array([Buffer.concat(topic)])])
    },
  }),
}
