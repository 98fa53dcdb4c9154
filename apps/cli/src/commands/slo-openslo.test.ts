import { describe, expect, it } from '@jest/globals'
import { commandLine } from '../testing/command-line.ts'

const { file, run } = commandLine('openslo')

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
