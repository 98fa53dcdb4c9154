import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'

const file = join(import.meta.dirname, 'young-generation.ts')

/** The young generation of a process of its own that has made much which outlives collections, and breathes like the engine. */
const youngBytesAfter = (bound: boolean): number =>
  Number(
    execFileSync(
      process.execPath,
      [
        ...['--input-type=module', '--eval'],
        `import { boundYoungGeneration, youngBytes } from ${JSON.stringify(file)}
        import { setImmediate } from 'node:timers/promises'
        const unbind = ${bound} ? boundYoungGeneration() : () => undefined
        const kept = []
        for (let round = 0; round < 300; round++) {
          for (let i = 0; i < 10_000; i++) kept[(round * 10_000 + i) % 1_000_000] = { round, i, more: [i] }
          await setImmediate()
        }
        console.log(youngBytes())
        unbind()`,
      ],
      { encoding: 'utf8' },
    ),
  )

describe('the young generation', () => {
  it('grows to two halves of 16 MB, where V8 would let it grow further', () => {
    const bytesMax = 32 * 1024 * 1024
    const [free, bound] = [youngBytesAfter(false), youngBytesAfter(true)]
    expect(free).toBeGreaterThan(bytesMax)
    expect(bound).toBeLessThanOrEqual(bytesMax)
    expect(bound).toBeGreaterThanOrEqual(bytesMax / 2)
  })
})
