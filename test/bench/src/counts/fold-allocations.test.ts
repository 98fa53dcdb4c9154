import { describe, expect, it } from '@jest/globals'
import { ownProcess } from '../harness/own-process.ts'

describe('the fold, once it is warm', () => {
  it('allocates next to nothing for an event', async () => {
    const counts = await ownProcess({
      script: '../counts/fold-allocations.ts',
      // So much that nothing is collected while it is measured.
      nodeOptions: ['--min-semi-space-size=512', '--max-semi-space-size=512'],
    })
    expect(counts.singleRecords).toBeGreaterThanOrEqual(100_000)
    expect(counts.batchedEvents).toBeGreaterThanOrEqual(300_000)
    // Today 17: one number that does not fit into 31 bits. An object of two fields would be 24 more, a Buffer of a name some 100.
    expect(counts.singleHeapBytesPerRecord).toBeLessThan(24)
    // Today 17; the table of identities takes 16 for each that it holds, and more whenever it grows.
    expect(counts.singleBesideBytesPerRecord).toBeLessThan(120)
    // A record of a thousand events. Today 200: no event of a batch allocates anything.
    expect(counts.batchedHeapBytesPerRecord).toBeLessThan(400)
    // Today 1,700: the histograms of services and operations grow.
    expect(counts.batchedBesideBytesPerRecord).toBeLessThan(3500)
  })
})
