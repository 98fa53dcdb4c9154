import { describe, expect, it } from '@jest/globals'
import { openLogger, type LogFormat, type LogLevel } from './logger.ts'

const logTo = (format: LogFormat = 'json', level: LogLevel = 'info') => {
  const lines: string[] = []
  const log = openLogger({ name: 'aggregator', level, format, write: (line) => lines.push(line) })
  const parsed = () => lines.map((line) => JSON.parse(line) as Record<string, any>)
  return { log, lines, parsed }
}

class TroubleError extends Error {
  readonly code = 'trouble'
  readonly retriable = true
}

describe('a log line', () => {
  it('is one JSON object with time, level, process, run and event', () => {
    const { log, lines, parsed } = logTo()
    log.info('task.acquired', { processor: 'aggregator', task: 3, epoch: 7 })
    log.warn('log.trouble')
    for (const line of lines) expect(line).toMatch(/^\{[^\n]*\}\n$/)
    const [acquired, trouble] = parsed()
    expect(acquired).toEqual({
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      ...{ level: 'info', name: 'aggregator', run: log.run, event: 'task.acquired' },
      ...{ processor: 'aggregator', task: 3, epoch: 7 },
    })
    expect(trouble).toMatchObject({ level: 'warn', run: log.run })
  })

  it('is not written below the level', () => {
    const { log, lines } = logTo('json', 'warn')
    log.debug('task.committed')
    log.info('task.acquired')
    expect(lines).toEqual([])
  })

  it('says of an error its type, its code, whether it may pass, and what caused it', () => {
    const { log, parsed } = logTo()
    const cause = new TypeError('not a number', { cause: new Error('the root') })
    log.error('task.failed', { error: new TroubleError('no answer', { cause }) })
    expect(parsed()[0]!.error).toMatchObject({
      ...{ type: 'TroubleError', message: 'no answer', code: 'trouble', retriable: true },
      cause: { type: 'TypeError', message: 'not a number', cause: { message: 'the root' } },
    })
    expect(parsed()[0]!.error.stack).toContain('logger.test.ts')
  })

  it('ends the chain of causes, though it may be a circle', () => {
    const { log, parsed } = logTo()
    const error = new Error('round')
    error.cause = error
    log.error('task.failed', { error })
    expect(parsed()).toHaveLength(1)
  })

  it.each([
    ['postgres://tidemark:hunter2@db.example:5432/store', 'postgres://[redacted]@db.example'],
    ['connect failed: password=hunter2 host=db', 'password=[redacted] host=db'],
    [`{"password": "hunter2"}`, '"password": [redacted]'],
  ])('hides secrets in %j', (text, shown) => {
    const { log, lines } = logTo()
    log.info('x', { message: text, error: new Error(text, { cause: new Error(text) }) })
    expect(lines[0]).not.toContain('hunter2')
    expect(JSON.stringify(JSON.parse(lines[0]!))).toContain(JSON.stringify(shown).slice(1, -1))
  })

  it('hides fields that are named like secrets, however deep', () => {
    const { log, lines } = logTo()
    log.info('x', {
      options: { sasl: { password: 'hunter2' }, authToken: 'hunter2', apiKey: 'hunter2' },
    })
    expect(lines[0]).not.toContain('hunter2')
  })

  it('is at most 16,000 characters long and stays JSON, whatever it is given', () => {
    const { log, lines, parsed } = logTo()
    const long = 'x'.repeat(100_000)
    const wide = Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`field${i}`, long]))
    const deep: Record<string, unknown> = {}
    deep.self = deep
    log.info('x', { message: long, wide, deep, error: new Error(long), list: [wide, wide] })
    expect(lines[0]!.length).toBeLessThanOrEqual(16_000)
    expect(parsed()[0]).toMatchObject({ event: 'x', level: 'info', run: log.run })
    expect(parsed()[0]!.message).toMatch(/^x{2000}\.\.\. \(100000 characters\)$/)
    expect(parsed()[0]!.error.message).toMatch(/^x{2000}/)
  })

  it('is a line of text for a terminal', () => {
    const { log, lines } = logTo('text')
    log.warn('task.failed', {
      processor: 'sink',
      task: 2,
      error: new TroubleError('no answer'),
      againInMs: 100,
    })
    log.info('process.started', { version: '0.1.0' })
    expect(lines[0]).toMatch(
      /^\d\d:\d\d:\d\dZ {2}warn {3}sink\/2: task\.failed: no answer {2}againInMs=100\n$/,
    )
    expect(lines[1]).toMatch(/Z {2}info {3}aggregator: process\.started {2}version=0\.1\.0\n$/)
  })
})
