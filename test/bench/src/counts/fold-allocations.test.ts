import { describe, expect, it } from '@jest/globals'
import { ownProcess } from '../harness/own-process.ts'

describe('the fold, once it is warm', () => {
  it('allocates next to nothing for an event', async () => {
    const counts = await ownProcess({
      script: '../counts/fold-allocations.ts',
      // So much that nothing is collected while it is measured.
      nodeOptions: ['--expose-gc', '--min-semi-space-size=512', '--max-semi-space-size=512'],
    })
    expect(counts.singleRecords).toBeGreaterThanOrEqual(100_000)
    expect(counts.batchedEvents).toBeGreaterThanOrEqual(300_000)
    // Today 8. An object of two fields would be 24 more, a Buffer of a name some 100.
    expect(counts.singleHeapBytesPerRecord).toBeLessThan(16)
    // Today 131; the table of identities takes 16 for each that it holds, and more whenever it grows, as do lists of latencies.
    expect(counts.singleBesideBytesPerRecord).toBeLessThan(200)
    // A record of a thousand events. Today 260: no event of a batch allocates anything.
    expect(counts.batchedHeapBytesPerRecord).toBeLessThan(400)
    // Today 980: the histograms of services and operations grow.
    expect(counts.batchedBesideBytesPerRecord).toBeLessThan(3500)
  })
})
