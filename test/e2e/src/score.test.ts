import { join } from 'node:path'
import { readFileSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { repository, temporaryFolder, tidemark } from './tidemark.ts'

type Scored = {
  readonly observedUs: number
  readonly total: { readonly detected: number; readonly faults: number }
}

const scenario = join(repository, 'examples/scenarios/down.yaml')

describe('tidemark score, of what was told on a log', () => {
  const folder = temporaryFolder()
  afterAll(folder.remove)
  const run = async (...args: readonly string[]) => {
    const { code, stdout, stderr } = await tidemark(folder.path, args)
    return { code, stdout, stderr }
  }
  const scored = async (...args: readonly string[]): Promise<Scored> => {
    const { code, stdout, stderr } = await run('score', '--json', ...args)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    return JSON.parse(stdout) as Scored
  }
  const log = ['--data', 'simulated'] as const
  const truth = ['--truth', 'truth.ndjson'] as const

  beforeAll(async () => {
    const toLog = ['simulate', '--scenario-file', scenario, '--to-log', ...truth, ...log]
    expect(await run(...toLog)).toMatchObject({ code: 0, stderr: '' })
  }, 120_000)

  it('refuses to score what is not judged yet', async () => {
    expect(await run('score', ...truth, ...log)).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/no snapshots/),
    })
  }, 60_000)

  it('gives the score that the scenario has in memory', async () => {
    expect(await run('start', '--exit-when-caught-up', ...log)).toMatchObject({ code: 0 })
    const onLog = await scored(...truth, ...log)
    expect(onLog).toEqual(await scored('--scenario', scenario))
    expect(onLog.total).toMatchObject({ faults: 2, detected: 2 })
  }, 120_000)

  it('leaves out what is outside of a range', async () => {
    const from = await scored(...truth, ...log, '--from', '2026-01-01T00:13:00Z')
    expect(from).toMatchObject({ observedUs: 720_000_000, total: { faults: 1, detected: 1 } })
    const to = await scored(...truth, ...log, '--to', '2026-01-01T00:13:00Z')
    expect(to).toMatchObject({ observedUs: 780_000_000, total: { faults: 1, detected: 1 } })
  }, 60_000)

  it('ends with 1 where something was missed that somebody knows of', async () => {
    const more = { service: 'catalog', fault: 'wrong prices', detect: 'warning' }
    const times = { from: '2026-01-01T00:20:00Z', to: '2026-01-01T00:21:00Z' }
    const known = readFileSync(join(folder.path, 'truth.ndjson'), 'utf8')
    const file = join(folder.path, 'more.ndjson')
    writeFileSync(file, `${known}${JSON.stringify({ ...more, ...times })}\n`)
    const { code, stdout, stderr } = await run(
      ...['score', '--truth', 'more.ndjson', ...log, '--min-recall', '0.67'],
    )
    expect({ code, stderr }).toEqual({ code: 1, stderr: 'not reached: --min-recall 0.67\n' })
    expect(stdout).toContain(
      '1 fault missed:\n  wrong prices of catalog, 2026-01-01T00:20:00Z to 2026-01-01T00:21:00Z, not told as warning',
    )
  }, 60_000)
})
