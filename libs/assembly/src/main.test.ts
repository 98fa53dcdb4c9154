import { EventEmitter } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from '@jest/globals'
import type { Offset } from '@tidemark/model'
import type { App } from './app.ts'
import { addressOf, main, type ProgramProcess } from './main.ts'

const root = mkdtempSync(join(tmpdir(), 'tidemark-main-'))
afterAll(() => {
  rmSync(root, { recursive: true })
})

/** Reads facts and does nothing with them; fails its first tasks when told. */
const idle = (opened: () => void, failures: Error[] = []): App & { closed: number } => {
  const app = {
    name: 'idle',
    closed: 0,
    open: () =>
      Promise.resolve({
        processor: {
          name: 'idle',
          topics: ['facts'] as const,
          tasks: 1,
          ticks: [],
          open: () => {
            const failure = failures.shift()
            if (failure !== undefined) throw failure
            opened()
            const at = { position: 0 as Offset, from: 0 as Offset, held: false }
            return {
              sources: () => [{ topic: 'facts' as const, partition: 0, ...at }],
              feed: () => undefined,
              work: () => false,
              atRecordBoundary: () => true,
              checkpoint: () => new Map(),
            }
          },
        },
        close: () => {
          app.closed++
          return Promise.resolve()
        },
      }),
  }
  return app
}

const processWith = (...args: readonly string[]) => {
  const signals = new EventEmitter()
  const printed: string[] = []
  const complained: string[] = []
  const process: ProgramProcess = {
    argv: ['node', 'main.ts', ...args],
    stdout: { write: (text) => printed.push(text) },
    stderr: { write: (text) => complained.push(text) },
    on: signals.on.bind(signals),
    exit: () => {
      throw new Error('exited')
    },
  }
  return { process, printed, complained, terminate: () => signals.emit('SIGTERM') }
}

describe('the program of an app', () => {
  it('runs until SIGTERM, then closes what it opened and ends with 0', async () => {
    const { process, complained, terminate } = processWith('--data', join(root, 'runs'))
    const app = idle(() => terminate())
    await main(app, process)
    expect({ code: process.exitCode, complained, closed: app.closed }).toEqual({
      ...{ code: undefined, complained: [], closed: 1 },
    })
  })

  it('says what it does about trouble that may pass', async () => {
    const { process, complained, terminate } = processWith('--data', join(root, 'trouble'))
    const passing = Object.assign(new Error('the disk is busy'), { retriable: true })
    await main(
      idle(() => terminate(), [passing]),
      process,
    )
    expect(process.exitCode).toBeUndefined()
    expect(complained).toEqual([
      'idle: idle: task 0 failed and is taken up again in 100 ms: the disk is busy\n',
    ])
  })

  it('ends with 1 and the reason when it cannot go on', async () => {
    const { process, complained } = processWith('--data', join(root, 'fails'))
    const app = idle(() => undefined, [new Error('no more')])
    await main(app, process)
    expect(process.exitCode).toBe(1)
    expect(complained).toEqual(['idle: no more\n'])
    expect(app.closed).toBe(1)
  })

  it('prints its usage when asked', async () => {
    const { process, printed } = processWith('--help')
    await main(
      idle(() => undefined),
      process,
    )
    expect(process.exitCode).toBeUndefined()
    expect(printed.join('')).toMatch(/^Usage: idle \[--data/)
  })

  it.each([
    [['--no-such-option'], /Unknown option '--no-such-option'/],
    [['--data', 'a', '--brokers', 'b:1'], /exclude each other/],
    [['surplus'], /surplus/],
  ])('ends with 2 and its usage when the call is wrong: %j', async (args, message) => {
    const { process, complained } = processWith(...args)
    await main(
      idle(() => undefined),
      process,
    )
    expect(process.exitCode).toBe(2)
    expect(complained.join('')).toMatch(message)
    expect(complained.join('')).toContain('Usage: idle')
  })
})

describe('an address', () => {
  it('is a folder by default, or a list of brokers and a prefix', () => {
    expect(addressOf({})).toEqual({ kind: 'embedded', folder: '.tidemark' })
    expect(addressOf({ brokers: 'a:1, b.example:9092,[::1]:3', prefix: 'dev.' })).toEqual({
      ...{ kind: 'kafka', brokers: ['a:1', 'b.example:9092', '[::1]:3'], prefix: 'dev.' },
    })
  })

  it.each(['', 'a', 'a:1,', 'a:1,b', 'a:123456', 'a b:1'])('is not %j', (brokers) => {
    expect(addressOf({ brokers })).toMatch(/is not HOST:PORT/)
  })
})
