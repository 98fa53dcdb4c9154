import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { openBuffers, recycledBytesMin } from './buffers.ts'

const mib = 1024 * 1024

describe('memory for what is fetched', () => {
  it('is used again once it was given back', () => {
    const buffers = openBuffers()
    const first = buffers.take(mib)
    buffers.giveBack(first.buffer)
    const second = buffers.take(mib - 5)
    expect(second.buffer).toBe(first.buffer)
    expect(second).toHaveLength(mib - 5)
    expect(buffers.take(mib).buffer).not.toBe(first.buffer)
  })

  it('is not used again before, nor by two at once', () => {
    const sizes = fc.integer({ min: 1, max: 6 * mib })
    const steps = fc.array(fc.oneof(sizes, fc.constant('give back' as const)), { maxLength: 40 })
    fc.assert(
      fc.property(steps, (taken) => {
        const buffers = openBuffers()
        const lent: ArrayBufferLike[] = []
        for (const step of taken) {
          if (step === 'give back') {
            const oldest = lent.shift()
            if (oldest !== undefined) buffers.giveBack(oldest)
            continue
          }
          const room = buffers.take(step)
          expect(room).toHaveLength(step)
          expect(lent).not.toContain(room.buffer)
          lent.push(room.buffer)
        }
      }),
    )
  })

  it('may be given back twice, and only what was taken here is kept', () => {
    const buffers = openBuffers()
    const { buffer } = buffers.take(mib)
    buffers.giveBack(buffer)
    buffers.giveBack(buffer)
    const foreign = new ArrayBuffer(mib)
    buffers.giveBack(foreign)
    const taken = [buffers.take(mib), buffers.take(mib)].map((room) => room.buffer)
    expect(taken[0]).toBe(buffer)
    expect(taken[1]).not.toBe(buffer)
    expect(taken[1]).not.toBe(foreign)
  })

  it('is of its own for little, and not kept without bound', () => {
    const buffers = openBuffers()
    const little = buffers.take(recycledBytesMin - 1)
    buffers.giveBack(little.buffer)
    expect(buffers.take(recycledBytesMin - 1).buffer).not.toBe(little.buffer)
    const many = Array.from({ length: 40 }, () => buffers.take(mib).buffer)
    for (const buffer of many) buffers.giveBack(buffer)
    const again = Array.from({ length: 40 }, () => buffers.take(mib).buffer)
    expect(again.filter((buffer) => many.includes(buffer))).toHaveLength(32)
  })

  it('does not hold much for one who wants little', () => {
    const buffers = openBuffers()
    const large = buffers.take(8 * mib)
    buffers.giveBack(large.buffer)
    expect(buffers.take(mib).buffer).not.toBe(large.buffer)
    expect(buffers.take(2 * mib).buffer).toBe(large.buffer)
  })
})
