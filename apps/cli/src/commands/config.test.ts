import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { connect } from '@tidemark/assembly'
import { encode } from '@tidemark/codec'
import { beforeAll, describe, expect, it } from '@jest/globals'
import { contentId } from '@tidemark/model'
import { commandLine } from '../testing/command-line.ts'

const { folder, file, run: runAnywhere } = commandLine('config')
const data = ['--data', join(folder, 'log')]
const run = (...args: readonly string[]) => runAnywhere(...args, ...data)

const first = file('first.yaml', 'services: { a: { owner: o, runbook: r } }\n')
const second = file(
  'second.yaml',
  `services: { a: { owner: p, runbook: r, budget: { amount: 12.50, currency: EUR } } }
rules: [{ id: slow, kind: threshold, severity: page, when: p99 > 2s, labels: { channel: '#a: b' } }]
`,
)
const broken = file('broken.yaml', 'services: { a: { ownr: o } }\n')
const idIn = (text: string): string => /[0-9a-f]{32}/.exec(text)![0]

describe('tidemark config', () => {
  beforeAll(async () => {
    expect(await run('topics', 'provision', '--config', first, '--partitions', '3')).toMatchObject({
      ...{ code: 0, err: '' },
    })
  })

  it('has the configuration of the layout from the beginning', async () => {
    const shown = await run('config', 'show', 'current')
    expect(shown.out).toContain('owner: o')
    expect(await run('config', 'diff', 'current', first)).toEqual({ code: 0, out: '', err: '' })
    expect((await run('config', 'history')).out).toMatch(
      /^from +until +configuration +by +note\nthe beginning +- +[0-9a-f]{32} +- +of the layout$/,
    )
  })

  it('says what a file would change, by part', async () => {
    const diff = await run('config', 'diff', 'current', second)
    expect(diff).toEqual({
      code: 1,
      out: `services
  ~ a.owner: o -> p
  + a.budget: { amount: 12.5, currency: EUR }
rules
  + slow: { id: slow, kind: threshold, severity: page, when: p99 > 2s, labels: { channel: "#a: b" } }`,
      err: '',
    })
    const { changes } = JSON.parse((await run('config', 'diff', 'current', second, '--json')).out)
    expect(changes[0]).toEqual({
      ...{ change: 'changed', path: ['services', 'a', 'owner'], before: 'o', after: 'p' },
    })
  })

  it('applies nothing that has errors, and nothing when it is only asked', async () => {
    const refused = await run('config', 'apply', broken)
    expect(refused.code).toBe(1)
    expect(refused.err).toMatch(
      /broken\.yaml:1:18: error: services\.a\.ownr: unknown key "ownr", did you mean owner\?/,
    )
    expect(refused.err).toContain('not applied; what is in force stays')
    expect(await run('config', 'apply', second, '--dry-run')).toMatchObject({
      ...{ code: 0, out: expect.stringContaining('would be applied') },
    })
    expect((await run('config', 'history')).out.split('\n')).toHaveLength(2)
  })

  it('puts a file in force in every partition, once, and keeps the history', async () => {
    const applied = await run('config', 'apply', second, '--by', 'ada', '--note', 'more')
    expect(applied.code).toBe(0)
    expect(applied.out).toMatch(/is in force for windows from \S+0Z on, in 3 partitions$/)
    expect((await run('config', 'apply', second)).out).toMatch(
      /is in force already: nothing changes$/,
    )
    const { out } = await run('config', 'history')
    const lines = out.split('\n')
    expect(lines).toHaveLength(3)
    expect(lines[2]).toMatch(new RegExp(`^\\S+0Z +- +${idIn(applied.out)} +ada +more$`))
    const rows = (await run('config', 'history', '--json')).out
      .split('\n')
      .map((row) => JSON.parse(row))
    expect(rows.map(({ until }) => until)).toEqual([rows[1].from, null])
  })

  it('shows each as a file that lints back to the same id', async () => {
    for (const name of ['current', idIn((await run('lint', first)).out).slice(0, 8)]) {
      const { out } = await run('config', 'show', name)
      const shown = file('shown.yaml', out)
      expect(idIn((await run('lint', shown)).out)).toBe(idIn(out))
    }
  })

  it('tells of partitions that differ, because an activation was not finished', async () => {
    const { log } = await connect({ kind: 'embedded', folder: data[1]! }, null)
    const atUs = Date.now() * 1000
    const half = encode({
      ...{ type: 'ConfigurationActivated', id: randomUUID(), atUs, by: 'eve', note: null },
      ...{ configurationId: contentId('none'), effectiveFromUs: 0 },
    })
    const publisher = await log.publisher()
    await publisher.append('facts', 1, [{ key: Buffer.from('configuration'), value: half }])
    await publisher.close()
    await log.close()
    const { out } = await run('config', 'history')
    const rows = out
      .split('\n')
      .slice(1)
      .map((row) => row.trim().split(/ {2,}/))
    expect(rows.map(([partition]) => partition)).toEqual(['0', '0', '1', '1', '1', '2', '2'])
    expect(rows.filter((row) => row.includes('eve')).map(([partition]) => partition)).toEqual(['1'])
    const shown = await run('config', 'show', 'current')
    expect(shown.code).toBe(2)
    expect(shown.err).toMatch(
      /partition 0 has configuration [0-9a-f]{32}, partition 1 has [0-9a-f]{32}: an activation was not finished/,
    )
  })

  it('names what it does not know', async () => {
    expect(await run('config', 'show', 'ffffffff')).toMatchObject({
      ...{ code: 2, err: expect.stringContaining('is no configuration of the catalog') },
    })
    expect(await run('config', 'diff', first, broken)).toMatchObject({
      ...{ code: 1, err: expect.stringContaining('unknown key "ownr"') },
    })
  })
})
