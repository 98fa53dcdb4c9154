import { expect, it } from '@jest/globals'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

/** The files of kafkajs whose insides `kafkajs-internals.ts`, `one-partition.ts` and `sender.ts` rest on, as they were read. */
const read: Readonly<Record<string, string>> = {
  'broker/index.js': '9cbea8898528c439',
  'cluster/brokerPool.js': '9994863e891ac2ab',
  'cluster/index.js': '3831a6845e4e9fb0',
  'consumer/consumerGroup.js': 'f3e461738585a8dc',
  'consumer/index.js': 'cdf5b3d7c67364b2',
  'instrumentation/emitter.js': '0b7b65603afcbf71',
  'network/connection.js': '2a993b2e74421ca6',
  'network/connectionPool.js': 'ecba4ba6fc4f2a6e',
  'network/requestQueue/index.js': 'b55986089c14f8f7',
  'network/requestQueue/socketRequest.js': 'dde28f8e26c6d17f',
  'producer/createTopicData.js': '26da133f71f776a6',
  'producer/groupMessagesPerPartition.js': 'ea72357721fbf677',
  'producer/index.js': '37a6da431139e4af',
  'producer/messageProducer.js': '529636e6ab99b297',
  'producer/responseSerializer.js': 'fae4bfc9539e975e',
  'producer/sendMessages.js': '8a120e6993955e04',
  'protocol/requests/fetch/v11/request.js': 'e652bb05ffab315d',
  'protocol/requests/index.js': 'fd26a30565d7f0c1',
  'protocol/requests/metadata/index.js': '9db984ef0bbcd73a',
  'protocol/requests/metadata/v0/response.js': '9a1cbcfd0ac174b2',
  'protocol/requests/metadata/v6/response.js': '08626a1a2f73fbb4',
  'protocol/requests/produce/v3/request.js': '993a3db997827088',
  'retry/index.js': '6b10590bb8c285ee',
}

const folder = dirname(
  createRequire(join(import.meta.dirname, 'here.js')).resolve('kafkajs/package.json'),
)

it('rests on the one version of kafkajs whose insides were read', () => {
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    readonly version: string
  }
  expect(version).toBe('2.2.4')
})

it('rests on files that are what they were when they were read', () => {
  const found = Object.keys(read).map((file) => {
    const bytes = readFileSync(join(folder, 'src', file))
    return [file, createHash('sha256').update(bytes).digest('hex').slice(0, 16)]
  })
  expect(Object.fromEntries(found)).toEqual(read)
})
