import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'

/** What the program said, and how it ended. */
const simulateScenarios = (...args: readonly string[]) =>
  new Promise<{ readonly code: number | null; readonly output: string }>((resolve, reject) => {
    const child = spawn(process.execPath, [join(import.meta.dirname, './main.ts'), ...args])
    let output = ''
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => (output += text))
    child.on('error', reject).on('close', (code) => resolve({ code, output }))
  })

describe('an independent reimplementation of the domain', () => {
  it('agrees with the processors on 200 random scenarios, event for event', async () => {
    const { code, output } = await simulateScenarios('--seeds', '200', '--from', '1')
    // Says which seed differs, how to run it again, and in what.
    expect(code === 0 ? '' : output).toBe('')
    expect(output).toContain('200 scenarios, 0 differ')
  }, 900_000)
})
