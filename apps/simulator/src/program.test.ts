import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from '@jest/globals'
import { connect } from '@tidemark/assembly'

const folder = mkdtempSync(join(tmpdir(), 'tidemark-simulator-'))
afterAll(() => {
  rmSync(folder, { recursive: true })
})

type Outcome = { readonly code: number | null; readonly out: string; readonly err: string }

/** The program in a process of its own; `during` runs beside it. */
const simulator = async (args: readonly string[], during?: Promise<unknown>): Promise<Outcome> => {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'main.ts'), ...args])
  let out = ''
  let err = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text))
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
  if (during !== undefined) {
    await during
    child.kill('SIGTERM')
  }
  return { code: await ended, out, err }
}

/** Resolves when the log in the folder holds events. */
const eventsIn = async (data: string): Promise<void> => {
  for (;;) {
    try {
      const { log } = await connect({ kind: 'embedded', folder: data }, null)
      try {
        const bounds = await log.bounds('requests')
        if (bounds.some(({ endOffset }) => endOffset > 0)) return
      } finally {
        await log.close()
      }
    } catch (error) {
      // Until the program has provisioned the folder there is nothing to look at.
      if ((error as { code?: unknown }).code !== 'not_provisioned') throw error
    }
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

describe('the simulator as a program', () => {
  it('puts traffic on the log until it is told to stop, and exits with 0', async () => {
    const data = join(folder, 'data')
    const args = ['--data', data, '--rate', '0.5', '--log-level', 'warn']
    expect(await simulator(args, eventsIn(data))).toEqual({ code: 0, out: '', err: '' })
  })

  it.each([
    [['--rate', '0'], /--rate: "0" is not a number above 0/],
    [['--seed', '-1'], /seed/],
    [['--seed', 'x'], /--seed: "x" is not an integer/],
    [['--prefix', 'p.'], /--prefix goes with --brokers/],
    [['--what'], /--what/],
  ])('refuses %j with what is allowed, and exits with 2', async (args, message) => {
    const { code, err } = await simulator(args)
    expect(code).toBe(2)
    expect(err).toMatch(message)
    expect(err).toContain('Usage: simulator')
  })

  it('explains itself', async () => {
    const { code, out } = await simulator(['--help'])
    expect(code).toBe(0)
    expect(out).toContain('--truth FILE')
  })
})
