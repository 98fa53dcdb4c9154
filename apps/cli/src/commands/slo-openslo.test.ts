import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from '@jest/globals'
import { runCommandLine } from '../cli.ts'
import { testTerminal } from '../testing/terminal.ts'

const folder = mkdtempSync(join(tmpdir(), 'tidemark-openslo-'))
afterAll(() => {
  rmSync(folder, { recursive: true })
})
const file = (name: string, text: string): string => {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}
const run = async (...args: readonly string[]) => {
  const terminal = testTerminal()
  const signal = new AbortController().signal
  const code = await runCommandLine(args, { terminal, signal, process })
  return { code, out: terminal.printed.join('\n'), err: terminal.complained.join('\n') }
}

const own = file(
  'tidemark.yaml',
  `services: { checkout: { team: shop, owner: o, runbook: r } }
slos:
  - { id: availability, kind: availability, service: checkout, target: 99.9%, badStatuses: [429, 5xx] }
  - { id: uptime, kind: uptime, target: 99.95%, period: month }
`,
)

describe('tidemark slo', () => {
  it('exports documents that it imports as the same objectives', async () => {
    const exported = await run('slo', 'export', own)
    expect(exported).toMatchObject({
      ...{
        code: 0,
        err: expect.stringContaining('rule health: OpenSLO has no alert of the kind health'),
      },
    })
    const imported = await run('slo', 'import', file('openslo.yaml', exported.out))
    expect(imported.code).toBe(0)
    expect(imported.err).toMatch(/imported 1 service, 5 objectives, 1 rule; 0 things to look at$/)
    const back = file('back.yaml', imported.out)
    expect((await run('lint', back)).out).toContain('1 service, 5 objectives, 5 rules')
    const again = await run('slo', 'export', back)
    const slos = (text: string) =>
      text.split('---\n').filter((each) => each.includes('kind: SLO\n'))
    expect(slos(again.out)).toEqual(slos(exported.out))
    expect(slos(again.out)).toHaveLength(5)
  })

  it('prints JSON', async () => {
    const { out } = await run('slo', 'export', own, '--json')
    const documents = out.split('\n').map((line) => JSON.parse(line))
    expect(documents.map(({ kind }) => kind)).toContain('AlertPolicy')
    const imported = await run('slo', 'import', '--json', file('o.json', out.split('\n').at(-1)!))
    expect(JSON.parse(imported.out)).toMatchObject({ slos: [{ id: 'uptime' }], faults: [] })
  })

  it('fails where nothing can be read', async () => {
    expect(await run('slo', 'import', file('bad.yaml', 'a: ['))).toMatchObject({
      ...{ code: 1, err: expect.stringContaining('not YAML') },
    })
    expect(await run('slo', 'export', file('wrong.yaml', 'x: 1'))).toMatchObject({
      ...{ code: 1, err: expect.stringContaining('unknown key "x"') },
    })
  })
})
