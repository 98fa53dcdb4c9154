import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { commandLine } from '../testing/command-line.ts'

const { folder, file, run: runCommand } = commandLine('lint')
const run = async (...args: readonly string[]) => {
  const { out, ...rest } = await runCommand('lint', ...args)
  return { ...rest, out: out.replaceAll(folder, '.') }
}

const sound = file('sound.yaml', 'services: { a: { owner: o } }\n')
const unsound = file(
  'unsound.yaml',
  'services: { a: { owner: o } }\nrules: [{ id: r, kind: threshold, severity: page, when: error_rate > 100% }]\n',
)
const unread = file('unread.yaml', 'servces: {}\nrules: x\n')

describe('tidemark lint', () => {
  it('tells of warnings, and prints how fast rules page and what thresholds come to', async () => {
    const { code, out } = await run(sound)
    expect(code).toBe(0)
    expect(out).toMatch(
      /^\.\/sound\.yaml:1:16: warning: services\.a: has no runbook\n\.\/sound\.yaml: 1 service, 3 objectives, 5 rules, 1 warning; configuration [0-9a-f]{32}\n/,
    )
    expect(out).toMatch(/slo-burn +availability +99\.5% +page +1h\/5m +14\.4 +4\.3 min/)
    expect(out).toMatch(/slos\.latency\.threshold +500ms +501\.759ms/)
  })

  it('takes warnings for errors when it is strict', async () => {
    const { code, out } = await run(sound, '--strict')
    expect([code, out]).toEqual([
      1,
      './sound.yaml:1:16: error: services.a: has no runbook\n./sound.yaml: 1 error, 0 warnings',
    ])
  })

  it('refuses what makes no sense, and what is no configuration', async () => {
    expect(await run(unsound)).toMatchObject({
      code: 1,
      out: expect.stringContaining(
        './unsound.yaml:2:57: error: rules[0].when: error_rate > 100% can never be true: it is within 0% and 100%',
      ),
    })
    const { code, out } = await run(unread)
    expect(code).toBe(1)
    expect(out.split('\n').map((line) => line.slice(0, 60))).toEqual([
      './unread.yaml:1:1: error: servces: unknown key "servces", di',
      './unread.yaml:2:8: error: rules: found "x", expected a list',
      './unread.yaml: 2 errors, 0 warnings',
    ])
  })

  it('says the same as JSON', async () => {
    const { out } = await run(sound, '--json')
    expect(JSON.parse(out)).toMatchObject({
      ...{ ok: true, errors: [], configurationId: expect.stringMatching(/^[0-9a-f]{32}$/) },
      warnings: [{ line: 1, column: 16, path: 'services.a', message: 'has no runbook' }],
      burnRates: expect.arrayContaining([
        expect.objectContaining({ slo: 'availability', factor: '14.4', timeToPageUs: 259_200_000 }),
      ]),
    })
    expect(JSON.parse((await run(unread, '--json')).out)).toMatchObject({
      ...{ ok: false, configurationId: null, errors: [{ line: 1 }, { line: 2 }] },
    })
  })

  it('is a wrong call where there is no such file', async () => {
    expect(await run(join(folder, 'none.yaml'))).toMatchObject({
      ...{ code: 2, err: expect.stringContaining('cannot be read') },
    })
    expect(await run(sound, '--hidden-max', 'x')).toMatchObject({ code: 2 })
  })
})
