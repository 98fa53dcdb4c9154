import { join } from 'node:path'
import { beforeAll, describe, expect, it } from '@jest/globals'
import { describeWithBroker } from '@tidemark/broker/jest'
import { temporaryFolder } from '@tidemark/e2e'
import { ownProcess } from '../harness/own-process.ts'
import type { Run } from '../harness/row.ts'

describe('an aggregator on the embedded log', () => {
  it('copies each byte that it reads little more than once', async () => {
    const folder = temporaryFolder()
    try {
      const counts = await ownProcess({
        script: '../counts/processing.ts',
        args: ['embedded', join(folder.path, 'log')],
      })
      expect(counts.fedBytes).toBeGreaterThan(10_000_000)
      // Today 1.7: rows are put together once for the fold; the rest is tables that grow. Once more would be 2.7.
      expect(counts.copiedBytes! / counts.fedBytes!).toBeLessThan(2)
    } finally {
      folder.remove()
    }
  }, 180_000)
})

describeWithBroker('an aggregator on Kafka', (brokers) => {
  let counts: Run
  beforeAll(async () => {
    const args = ['kafka', ...brokers()]
    counts = await ownProcess({ script: '../counts/processing.ts', args })
  }, 180_000)

  it('asks five things for a transaction, and never again where its coordinators are', () => {
    expect(counts.commits).toBeGreaterThan(3)
    const { commits, withOutputs } = counts as Record<string, number>
    const { AddPartitionsToTxn, AddOffsetsToTxn, Produce, TxnOffsetCommit, EndTxn } = counts
    expect({ AddPartitionsToTxn, AddOffsetsToTxn, Produce, TxnOffsetCommit, EndTxn }).toEqual({
      AddPartitionsToTxn: commits,
      AddOffsetsToTxn: commits,
      // The checkpoint, and before it the outputs where there are any.
      Produce: commits! + withOutputs!,
      TxnOffsetCommit: commits,
      EndTxn: commits,
    })
    const once = ['FindCoordinator', 'Metadata', 'ListOffsets', 'InitProducerId', 'ApiVersions']
    expect(once.filter((kind) => (counts[kind] ?? 0) > 0)).toEqual([])
  })

  it('fetches about a megabyte at a time', () => {
    expect(counts.fedBytes).toBeGreaterThan(10_000_000)
    // Today 1.05: a section has 1 MB at most, and what is cut at its end comes again.
    expect((1_000_000 * counts.Fetch!) / counts.fedBytes!).toBeLessThan(1.4)
  })

  it('copies each byte that it reads little more than once', () => {
    // Today 1.45: what an answer holds of a partition is put into room of its own; the rest is tables that grow.
    expect(counts.copiedBytes! / counts.fedBytes!).toBeLessThan(1.8)
  })
})
