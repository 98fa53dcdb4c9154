import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from '@jest/globals'

const root = mkdtempSync(join(tmpdir(), 'tidemark-operate-'))
afterAll(() => {
  rmSync(root, { recursive: true })
})

type Line = Readonly<Record<string, unknown>>
type Outcome = {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly lines: readonly Line[]
}

/** Runs a process of which a part hangs; `act` is told each event that it logs. */
const hanging = (
  part: string,
  watchdog: string,
  act: (event: unknown, kill: (signal: NodeJS.Signals) => void) => void = () => undefined,
): Promise<Outcome> => {
  const program = join(import.meta.dirname, './testing/hanging.ts')
  const child = spawn(process.execPath, [program, part, mkdtempSync(join(root, part)), watchdog])
  const lines: Line[] = []
  let rest = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    const whole = (rest + text).split('\n')
    rest = whole.pop()!
    for (const line of whole) {
      lines.push(JSON.parse(line) as Line)
      act(lines.at(-1)!.event, (signal) => child.kill(signal))
    }
  })
  return new Promise((resolve) => {
    child.on('close', (code, signal) => {
      resolve({ code, signal, lines })
    })
  })
}

const timeoutMs = 60_000

describe('a process that does not get on', () => {
  it.each(['poll', 'commit', 'restore'])(
    'ends with 3 and says which task, when a %s hangs',
    async (part) => {
      const { code, lines } = await hanging(part, '2s')
      expect(code).toBe(3)
      expect(lines.at(-1)).toMatchObject({
        ...{ level: 'error', event: 'watchdog.expired', name: 'hanging' },
        message: expect.stringMatching(/^hanging\/0 has something to do and has finished nothing/),
      })
    },
    timeoutMs,
  )

  it(
    'is killed and says so, when a fold blocks the event loop',
    async () => {
      const { signal, lines } = await hanging('fold', '2s')
      expect(signal).toBe('SIGKILL')
      const { run } = lines[0]!
      expect(lines.at(-1)).toMatchObject({
        ...{ level: 'error', event: 'watchdog.expired', name: 'hanging', run },
        message: 'the event loop was blocked for 2 s: ends, to be started again',
      })
    },
    timeoutMs,
  )

  it(
    'is left alone while it has nothing to do',
    async () => {
      let looks = 0
      const { code, lines } = await hanging('nothing', '2s', (event, kill) => {
        if (event !== 'task.restored' || ++looks > 1) return
        setTimeout(() => {
          kill('SIGTERM')
        }, 5000)
      })
      expect(code).toBe(0)
      expect(lines.filter(({ level }) => level !== 'info')).toEqual([])
    },
    timeoutMs,
  )
})

describe('a process that is told to stop', () => {
  it(
    'ends with 1 after ten seconds when something does not stop, and says so',
    async () => {
      const { code, lines } = await hanging('restore', '60s', (event, kill) => {
        if (event === 'group.joined') kill('SIGTERM')
      })
      expect(code).toBe(1)
      expect(lines.find(({ event }) => event === 'process.stopping')).toMatchObject({
        reason: 'SIGTERM',
      })
      expect(lines.at(-1)).toMatchObject({
        ...{ level: 'error', event: 'process.overdue' },
        message: 'has not stopped within 10 s',
      })
    },
    timeoutMs,
  )
})
