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
    stderr: { write: (text) => complained.push(text), on: () => undefined },
    on: signals.on.bind(signals),
    off: signals.off.bind(signals),
    exit: () => {
      throw new Error('exited')
    },
  }
  return { process, printed, complained, terminate: () => signals.emit('SIGTERM') }
}

type Line = Readonly<Record<string, unknown>>
const linesIn = (complained: readonly string[]): readonly Line[] =>
  complained.map((line) => JSON.parse(line) as Line)
const eventsIn = (complained: readonly string[]) => linesIn(complained).map(({ event }) => event)

describe('the program of an app', () => {
  it('runs until SIGTERM, then closes what it opened and ends with 0', async () => {
    const { process, complained, terminate } = processWith('--data', join(root, 'runs'))
    const app = idle(() => terminate())
    await main(app, process)
    expect({ code: process.exitCode, closed: app.closed }).toEqual({ code: 0, closed: 1 })
    expect(eventsIn(complained)).toEqual([
      ...['process.started', 'group.joined', 'process.stopping', 'task.acquired'],
      ...['task.restored', 'task.released', 'group.left', 'process.stopped'],
    ])
    expect(new Set(linesIn(complained).map(({ run }) => run)).size).toBe(1)
  })

  it('says what it does about trouble that may pass', async () => {
    const { process, complained, terminate } = processWith('--data', join(root, 'trouble'))
    const passing = Object.assign(new Error('the disk is busy'), { retriable: true })
    await main(
      idle(() => terminate(), [passing]),
      process,
    )
    expect(process.exitCode).toBe(0)
    expect(linesIn(complained).filter(({ level }) => level === 'warn')).toMatchObject([
      {
        ...{ event: 'task.retried', processor: 'idle', task: 0, againInMs: 100 },
        message: 'task 0 failed and is taken up again in 100 ms',
        error: { message: 'the disk is busy', retriable: true },
      },
    ])
  })

  it('ends with 1 and the reason when it cannot go on', async () => {
    const { process, complained } = processWith('--data', join(root, 'fails'))
    const app = idle(() => undefined, [new Error('no more')])
    await main(app, process)
    expect(process.exitCode).toBe(1)
    expect(linesIn(complained).at(-1)).toMatchObject({
      ...{ level: 'error', event: 'process.failed', error: { message: 'no more' } },
    })
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

  it('says how processors commit, where there is a choice', () => {
    expect(addressOf({ brokers: 'a:1', delivery: 'at-least-once' })).toMatchObject({
      delivery: 'at-least-once',
    })
    expect(addressOf({ brokers: 'a:1' })).not.toHaveProperty('delivery')
    expect(addressOf({ delivery: 'exactly-once' })).toEqual({
      ...{ kind: 'embedded', folder: '.tidemark' },
    })
    expect(addressOf({ data: 'x', delivery: 'at-least-once' })).toMatch(
      /--delivery at-least-once goes with --brokers/,
    )
    expect(addressOf({ brokers: 'a:1', delivery: 'at-most-once' })).toBe(
      '--delivery: "at-most-once" is neither exactly-once nor at-least-once',
    )
  })

  it.each(['', 'a', 'a:1,', 'a:1,b', 'a:123456', 'a b:1'])('is not %j', (brokers) => {
    expect(addressOf({ brokers })).toMatch(/is not HOST:PORT/)
  })
})
