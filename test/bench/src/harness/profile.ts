import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

// Where the time of a row's own processes goes: `npm run bench -- ROW --profile FOLDER`. A process that is profiled is some tenths slower.

/** Handed on to everything that a row starts. */
const variable = 'TIDEMARK_BENCH_PROFILES'

export const profileInto = (folder: string): void => void (process.env[variable] = folder)

/** The options of Node that make a process leave its profile, named after the script. */
export const profileOptions = (script: string): readonly string[] => {
  const folder = process.env[variable]
  if (folder === undefined) return []
  const name = script.replace(/^.*\//, '').replace(/\.ts$/, '')
  return [
    '--cpu-prof',
    `--cpu-prof-dir=${folder}`,
    `--cpu-prof-name=${name}-${nextNumber()}.cpuprofile`,
  ]
}

let profiles = 0

const nextNumber = (): string => `${process.pid}-${profiles++}`

/** V8's profile, as far as it is read here. */
export type Profile = {
  readonly nodes: readonly {
    readonly id: number
    readonly callFrame: {
      readonly functionName: string
      readonly url: string
      readonly lineNumber: number
    }
  }[]
  /** The node on top of the stack at each sample. */
  readonly samples: readonly number[]
  /** Microseconds since the sample before. */
  readonly timeDeltas: readonly number[]
}

export type Share = { readonly name: string; readonly share: number }

/** Functions by their own time, without that of what they call; `share` is of the whole, from 0 to 1. */
export const topOf = ({ nodes, samples, timeDeltas }: Profile, most = 10): readonly Share[] => {
  const names = new Map(
    nodes.map(({ id, callFrame: { functionName, url, lineNumber } }) => [
      id,
      url === ''
        ? functionName
        : `${functionName || 'anonymous'} ${url.split('/').slice(-3).join('/')}:${lineNumber + 1}`,
    ]),
  )
  const own = new Map<string, number>()
  let total = 0
  for (const [i, id] of samples.entries()) {
    const us = timeDeltas[i] ?? 0
    const name = names.get(id)!
    own.set(name, (own.get(name) ?? 0) + us)
    total += us
  }
  return [...own]
    .sort(([, a], [, b]) => b - a)
    .slice(0, most)
    .map(([name, us]) => ({ name, share: us / total }))
}

/** Ten lines for each profile in a folder. */
export const profileLines = (folder: string): readonly string[] =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.cpuprofile'))
    .sort()
    .flatMap((name) => {
      const profile = JSON.parse(readFileSync(join(folder, name), 'utf8')) as Profile
      const line = ({ name: of, share }: Share): string =>
        `${(100 * share).toFixed(1).padStart(5)} %  ${of}`
      return ['', name, ...topOf(profile).map(line)]
    })
