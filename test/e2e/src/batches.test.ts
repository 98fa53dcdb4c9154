import { afterAll, expect, it } from '@jest/globals'
import { generate } from './expected.ts'
import { jsonLines, temporaryFolder, tidemark } from './tidemark.ts'

type Line = {
  readonly source: string
  readonly service: string
  readonly late: number
  readonly total: number
}

const folder = temporaryFolder()
afterAll(folder.remove)

it('gives the same windows and late events with --batch as one by one, ids aside', async () => {
  const { file, expected } = generate(folder.path, { events: 20_000, seed: 3 })
  const run = async (data: string, ...options: string[]) => {
    await tidemark(folder.path, [
      'publish',
      file,
      '--stamp',
      'event',
      '--flush',
      '--data',
      data,
      ...options,
    ])
    expect(
      await tidemark(folder.path, ['start', '--exit-when-caught-up', '--data', data]),
    ).toMatchObject({ code: 0 })
    const read = async (command: string) =>
      jsonLines<Line>((await tidemark(folder.path, [command, '--json', '--data', data])).stdout)
    return { windows: await read('windows'), ledger: await read('ledger') }
  }
  const single = await run('single')
  const batched = await run('batched', '--batch')
  const sum = (lines: readonly Line[], field: 'late' | 'total'): number =>
    lines.reduce((total, line) => total + (line[field] ?? 0), 0)
  const names = ({ windows }: typeof single) =>
    windows.map(
      (line) =>
        `${line.source} ${line.service} ${JSON.stringify(line)}`.slice(0, 160).split('"total"')[0],
    )
  expect(names(batched)).toEqual(names(single))
  // A repeat in a batch has another identity: it counts again, whether in time or late.
  const repeats = expected.partitions
    .filter(({ topic }) => topic === 'requests')
    .reduce((total, { duplicate }) => total + duplicate, 0)
  expect(sum(batched.ledger, 'late')).toBe(sum(single.ledger, 'late'))
  expect(sum(batched.windows, 'total')).toBe(sum(single.windows, 'total') + repeats)
}, 120_000)
