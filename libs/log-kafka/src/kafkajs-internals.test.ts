import { expect, it } from '@jest/globals'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

/**
 * The files of kafkajs whose insides `kafkajs-internals.ts`, the repairs, `one-partition.ts` and `sender.ts` rest on, and those of the requests that a
 * transaction is made of, as they were read.
 */
const read: Readonly<Record<string, string>> = {
  'broker/index.js': '9cbea8898528c439',
  'cluster/brokerPool.js': '9994863e891ac2ab',
  'cluster/connectionPoolBuilder.js': '05a6be8bbf9e2bb9',
  'cluster/index.js': '3831a6845e4e9fb0',
  'consumer/consumerGroup.js': 'f3e461738585a8dc',
  'consumer/index.js': 'cdf5b3d7c67364b2',
  'errors.js': 'bb3e50177a7b73f4',
  'instrumentation/emitter.js': '0b7b65603afcbf71',
  'network/connection.js': '2a993b2e74421ca6',
  'network/connectionPool.js': 'ecba4ba6fc4f2a6e',
  'network/connectionStatus.js': 'a0464f790cd64840',
  'network/requestQueue/index.js': 'b55986089c14f8f7',
  'network/requestQueue/socketRequest.js': 'dde28f8e26c6d17f',
  'network/socket.js': '9922c37e8a4d9e6b',
  'producer/createTopicData.js': '26da133f71f776a6',
  'producer/eosManager/index.js': 'a74ae029d7aa786b',
  'producer/groupMessagesPerPartition.js': 'ea72357721fbf677',
  'producer/index.js': '37a6da431139e4af',
  'producer/messageProducer.js': '529636e6ab99b297',
  'producer/responseSerializer.js': 'fae4bfc9539e975e',
  'producer/sendMessages.js': '8a120e6993955e04',
  'protocol/encoder.js': '9977889e184a9e91',
  'protocol/error.js': '8911e3226a8aebdd',
  'protocol/request.js': '2270900ca6474026',
  'protocol/requests/addOffsetsToTxn/v0/request.js': 'd5eeb947dcdcef63',
  'protocol/requests/addOffsetsToTxn/v0/response.js': 'ae4340e8fea89c02',
  'protocol/requests/addOffsetsToTxn/v1/request.js': 'c46368e6d6242aa0',
  'protocol/requests/addOffsetsToTxn/v1/response.js': '8756a0db169f2409',
  'protocol/requests/addPartitionsToTxn/v0/request.js': 'b6c018221a75ec28',
  'protocol/requests/addPartitionsToTxn/v0/response.js': '3603ff590179de01',
  'protocol/requests/addPartitionsToTxn/v1/request.js': '6ee5d04a10fa8b4b',
  'protocol/requests/addPartitionsToTxn/v1/response.js': 'dedf82dca83fe782',
  'protocol/requests/endTxn/v0/request.js': 'e9b540cff78a9f5a',
  'protocol/requests/endTxn/v0/response.js': '771cafdf82db6a60',
  'protocol/requests/endTxn/v1/request.js': '745d4ce689db8be5',
  'protocol/requests/endTxn/v1/response.js': '741223cf4144f899',
  'protocol/requests/fetch/v11/request.js': 'e652bb05ffab315d',
  'protocol/requests/findCoordinator/v1/request.js': 'e37f66d04b1c48db',
  'protocol/requests/findCoordinator/v1/response.js': 'b2cdd529b4c6e1e3',
  'protocol/requests/findCoordinator/v2/request.js': '084e07269e599ad9',
  'protocol/requests/findCoordinator/v2/response.js': 'a9fb30f949c2145a',
  'protocol/requests/index.js': 'fd26a30565d7f0c1',
  'protocol/requests/initProducerId/v0/request.js': 'b70b6f976cbfb4b4',
  'protocol/requests/initProducerId/v0/response.js': 'b5b1d1109c15d724',
  'protocol/requests/initProducerId/v1/request.js': '2b5ad070923c1d2b',
  'protocol/requests/initProducerId/v1/response.js': '350e19a7a976568f',
  'protocol/requests/listOffsets/v2/request.js': '6fb3b04f2495bc32',
  'protocol/requests/listOffsets/v2/response.js': '43180e96d147f4b4',
  'protocol/requests/listOffsets/v3/request.js': 'f24e465291a02b3b',
  'protocol/requests/listOffsets/v3/response.js': '754ca5e16ab57879',
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
