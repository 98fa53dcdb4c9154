import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { judgeMany } from './many-seeds.ts'
import { simulate } from './simulate.ts'
import { missingIn, tallyOf } from './vacuity.ts'
import { failureLine } from './verdict.ts'

/** What the program said, and how it ended. */
const simulateFaults = (...args: readonly string[]) =>
  new Promise<{ readonly code: number | null; readonly output: string }>((resolve, reject) => {
    const child = spawn(process.execPath, [join(import.meta.dirname, './main.ts'), ...args])
    let output = ''
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => (output += text))
    child.on('error', reject).on('close', (code) => resolve({ code, output }))
  })

describe('the simulator of faults', () => {
  it('finds every invariant held in a thousand seeds, in which every fault strikes often', async () => {
    const { code, output } = await simulateFaults('--seeds', '1000', '--twice-every', '4')
    // Says which seed failed, and how to run it again.
    expect(code === 0 ? '' : output).toBe('')
    expect(output).toContain('seeds per second')
  }, 1_800_000)

  it('comes to the same verdicts on any number of threads', async () => {
    const seeds = [11, 12, 13].map((seed) => ({ seed, twice: seed === 12 }))
    const alone = await judgeMany(seeds, 1, () => undefined)
    expect(alone.map(({ seed }) => seed)).toEqual([11, 12, 13])
    expect(await judgeMany(seeds, 3, () => undefined)).toEqual(alone)
  })

  it('says in one line how to run a seed again that fails', () => {
    const complaints = ['I4: twice at\nrequests/0', 'I8: late']
    const line = failureLine({ seed: 7, complaints })
    expect(line).toBe(
      'seed 7 failed: npm run simulate:faults -- --seeds 1 --from 7 # I4: twice at requests/0 (and 1 more)',
    )
    expect(failureLine({ seed: 7, complaints: [] })).toBeNull()
  })

  it('refuses a batch in which a fault struck too seldom', () => {
    const often = tallyOf([])
    expect(missingIn(often, 199)).toEqual([])
    expect(missingIn(often, 200)).toContain('pause: 0 in 200 seeds, at least 20 wanted')
  })

  it('leads to other bytes from another seed', async () => {
    const [first, second] = [await simulate(1), await simulate(2)]
    expect(first.digest).not.toBe(second.digest)
    await Promise.all([first.close(), second.close()])
  })
})
