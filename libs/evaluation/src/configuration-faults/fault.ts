import { textFault, type Matcher } from '@tidemark/model'
import { matchersMax } from '../alerting/matchers.ts'
import { patternOf, PatternError } from '../alerting/pattern.ts'

/** What is wrong with a configuration, and where: the keys that lead there, as `tidemark.yaml` has them, items of lists by what names them. */
export type ConfigurationFault = { readonly path: readonly string[]; readonly message: string }

/** What a configuration may hold at most, so that whatever judges by it stays bounded. */
export const configurationMax = {
  services: 100_000,
  slos: 10_000,
  slosPerService: 50,
  rules: 200,
  slosPerRule: 1000,
  burnWindows: 10,
  silences: 1000,
  inhibition: 100,
  escalation: 20,
  skips: 10,
  statusRanges: 50,
  labels: 50,
  periodDays: 31,
  idLength: 100,
  textBytes: 1000,
} as const

export const idPattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/

type Path = readonly string[]
type Faults = readonly ConfigurationFault[]

export const faultIf = (isWrong: boolean, path: Path, message: string): Faults =>
  isWrong ? [{ path, message }] : []

/** An integer of `min` to `max`, both included; `show` writes it as people would. */
export const within = (
  value: number,
  [min, max]: readonly [min: number, max: number],
  path: Path,
  show: (value: number) => string = String,
): Faults =>
  faultIf(
    !(Number.isSafeInteger(value) && value >= min && value <= max),
    path,
    max >= Number.MAX_SAFE_INTEGER
      ? `${show(value)} is not at least ${show(min)}`
      : `${show(value)} is not within ${show(min)} to ${show(max)}`,
  )

/** Any length of time, and any moment since 1970. */
export const anyUs: readonly [number, number] = [0, Number.MAX_SAFE_INTEGER]

export const atMost = (items: readonly unknown[], max: number, path: Path): Faults =>
  faultIf(items.length > max, path, `${items.length} items, at most ${max} are allowed`)

/** Text that people wrote, or null where there is none. */
export const textFaults = (value: string | null, path: Path): Faults => {
  if (value === null) return []
  const fault = value === '' ? 'empty' : textFault('text', value, configurationMax.textBytes)
  return fault === null ? [] : [{ path, message: fault }]
}

export const idFaults = (id: string, path: Path): Faults =>
  faultIf(
    !idPattern.test(id),
    path,
    `${JSON.stringify(id)} is not 1 to ${configurationMax.idLength} characters of [A-Za-z0-9._-], the first a letter or digit`,
  )

/** One fault for each that came before. */
export const twiceFaults = (keys: readonly string[], pathOf: (key: string) => Path): Faults => {
  const seen = new Set<string>()
  return keys.flatMap((key) => {
    const isKnown = seen.has(key)
    seen.add(key)
    return faultIf(isKnown, pathOf(key), 'is there twice')
  })
}

export const matcherFaults = (matchers: readonly Matcher[], path: Path): Faults => [
  ...atMost(matchers, matchersMax, path),
  ...matchers.flatMap(({ label, operator, value }) => {
    const isPattern = operator === '=~' || operator === '!~'
    const fault = textFault(`value of ${label}`, value, configurationMax.textBytes)
    const message = fault ?? labelFault(label) ?? (isPattern ? patternFault(value) : null)
    return message === null ? [] : [{ path, message }]
  }),
]

export const labelPattern = /^[A-Za-z_][A-Za-z0-9_]{0,99}$/

const labelFault = (label: string): string | null =>
  labelPattern.test(label) ? null : `${JSON.stringify(label)} is no name of a label`

const patternFault = (source: string): string | null => {
  try {
    patternOf(source)
    return null
  } catch (error) {
    if (error instanceof PatternError) return error.message
    throw error
  }
}
