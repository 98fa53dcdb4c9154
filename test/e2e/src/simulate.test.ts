import { beforeAll, describe, expect, it } from '@jest/globals'
import { repository, tidemark, type Outcome } from './tidemark.ts'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

// Other calendars, decimal commas, a dotless i, a day that begins at another moment, and a second time at the same place.
const places = [
  { TZ: 'UTC', LANG: 'C.UTF-8' },
  { TZ: 'Asia/Kathmandu', LANG: 'tr_TR.UTF-8' },
  { TZ: 'America/St_Johns', LANG: 'de_DE.UTF-8' },
  { TZ: 'Pacific/Kiritimati', LANG: 'ar_SA.UTF-8' },
] as const

const storm = join(repository, 'examples/scenarios/retry-storm.yaml')

const simulate = (env: NodeJS.ProcessEnv, options: readonly string[]): Promise<Outcome> =>
  tidemark(tmpdir(), ['simulate', '--seed', '42', ...options], {
    env: { ...env, LC_ALL: env.LANG },
  })

describe.each([
  { what: 'a report in words', options: ['--requests', '200'] },
  { what: 'a report in JSON', options: ['--requests', '200', '--json'] },
  { what: 'events', options: ['--requests', '200', '--out', '-'] },
  { what: 'a scenario from a file', options: ['--scenario-file', storm, '--out', '-'] },
  { what: 'live traffic', options: ['--scenario', 'live', '--minutes', '1', '--out', '-'] },
])('tidemark simulate, $what', ({ options }) => {
  let first: Outcome

  beforeAll(async () => {
    first = await simulate(places[0], options)
  })

  it('has something to say', () => {
    expect(first).toMatchObject({ code: 0, stderr: '' })
    expect(first.stdout.length).toBeGreaterThan(100)
  })

  it.each(places)('prints the same bytes in $TZ and $LANG', async (place) => {
    expect(await simulate(place, options)).toEqual(first)
  })

  it('prints others with another seed', async () => {
    expect((await simulate(places[0], [...options, '--seed', '43'])).stdout).not.toBe(first.stdout)
  })
})
