import { unreachable, type Matcher } from '@tidemark/model'
import { patternOf, PatternError } from './pattern.ts'

/** A text that is no list of matchers; the message says what was expected where. */
export class MatcherError extends Error {
  readonly code = 'matcher'
  readonly retriable = false
}

export const matchersMax = 50
/** Characters of a list of matchers. */
export const matchersTextMax = 10_000
const labelPattern = /^[A-Za-z_][A-Za-z0-9_]*/
/** Of a value without quotes. */
const plainPattern = /^[^\s,{}"'`!=~\\]+/

/**
 * Matchers as Alertmanager writes them: `service="checkout", severity=~"page|critical"`, with or without braces around, values with or
 * without quotes; a label alone in quotes is no matcher. MatcherError where it is none, PatternError's message included.
 */
export const parseMatchers = (text: string): readonly Matcher[] => {
  if (text.length > matchersTextMax)
    throw new MatcherError(
      `matchers: ${text.length} characters are more than the ${matchersTextMax} that are read`,
    )
  const reading: Reading = { text, at: 0 }
  skipSpaces(reading)
  const isBraced = take(reading, '{')
  const matchers: Matcher[] = []
  for (;;) {
    skipSpaces(reading)
    if (isBraced ? text[reading.at] === '}' : reading.at === text.length) break
    if (matchers.length === matchersMax) throw wrong(reading, `more than ${matchersMax} matchers`)
    matchers.push(matcher(reading))
    skipSpaces(reading)
    if (!take(reading, ',')) break
  }
  if (isBraced && !take(reading, '}')) throw wrong(reading, 'a comma or a closing brace')
  skipSpaces(reading)
  if (reading.at < text.length) throw wrong(reading, isBraced ? 'nothing more' : 'a comma')
  return matchers
}

/** Matchers made ready: whether all of them hold for labels. One that is not there counts as empty, as it does in Alertmanager. */
export type PreparedMatchers = {
  readonly matches: (labels: ReadonlyMap<string, string>) => boolean
  /** Of the programs of their patterns together. */
  readonly instructions: number
}

/** PatternError where a pattern is none. */
export const prepareMatchers = (matchers: readonly Matcher[]): PreparedMatchers => {
  const tests = matchers.map(preparedTest)
  return {
    matches: (labels) => tests.every(({ label, test }) => test(labels.get(label) ?? '')),
    instructions: tests.reduce((sum, { instructions }) => sum + instructions, 0),
  }
}

/** Whether all matchers hold for labels. */
export const matcherOf = (matchers: readonly Matcher[]): PreparedMatchers['matches'] =>
  prepareMatchers(matchers).matches

/** A list of matchers in one spelling. */
export const matchersText = (matchers: readonly Matcher[]): string =>
  `{${matchers.map(({ label, operator, value }) => `${label}${operator}${JSON.stringify(value)}`).join(', ')}}`

type PreparedTest = {
  readonly label: string
  readonly test: (text: string) => boolean
  readonly instructions: number
}

const preparedTest = ({ label, operator, value }: Matcher): PreparedTest => {
  switch (operator) {
    case '=':
      return { label, test: (text) => text === value, instructions: 0 }
    case '!=':
      return { label, test: (text) => text !== value, instructions: 0 }
    case '=~': {
      const { matches, instructions } = patternOf(value)
      return { label, test: matches, instructions }
    }
    case '!~': {
      const { matches, instructions } = patternOf(value)
      return { label, test: (text) => !matches(text), instructions }
    }
    default:
      return unreachable(operator)
  }
}

type Reading = { readonly text: string; at: number }

const matcher = (reading: Reading): Matcher => {
  const label = labelPattern.exec(rest(reading))?.[0]
  if (label === undefined) throw wrong(reading, 'the name of a label')
  reading.at += label.length
  skipSpaces(reading)
  const operator = (['=~', '!~', '!=', '='] as const).find((each) => take(reading, each))
  if (operator === undefined) throw wrong(reading, 'one of =, !=, =~, !~')
  skipSpaces(reading)
  const startAt = reading.at
  const value = reading.text[reading.at] === '"' ? quoted(reading) : plain(reading)
  try {
    if (operator === '=~' || operator === '!~') patternOf(value)
  } catch (error) {
    if (!(error instanceof PatternError)) throw error
    throw new MatcherError(`matchers: character ${startAt + 1}: ${error.message}`, { cause: error })
  }
  return { label, operator, value }
}

const plain = (reading: Reading): string => {
  const value = plainPattern.exec(rest(reading))?.[0] ?? ''
  reading.at += value.length
  return value
}

const escapes: Readonly<Record<string, string>> = { n: '\n', '"': '"', '\\': '\\' }

/** As in Alertmanager: \n, \" and \\ are escapes, any other backslash stands for itself. */
const quoted = (reading: Reading): string => {
  const { text } = reading
  let value = ''
  for (reading.at++; reading.at < text.length; reading.at++) {
    const character = text[reading.at]!
    if (character === '"') {
      reading.at++
      return value
    }
    const escape = character === '\\' ? escapes[text[reading.at + 1] ?? ''] : undefined
    value += escape ?? character
    if (escape !== undefined) reading.at++
  }
  throw wrong(reading, 'a closing quote')
}

const rest = ({ text, at }: Reading): string => text.slice(at)

const skipSpaces = (reading: Reading): void => {
  while (/\s/.test(reading.text[reading.at] ?? '')) reading.at++
}

const take = (reading: Reading, token: string): boolean => {
  if (!reading.text.startsWith(token, reading.at)) return false
  reading.at += token.length
  return true
}

const wrong = ({ text, at }: Reading, expected: string): MatcherError => {
  const found = at >= text.length ? 'the end' : JSON.stringify(text.slice(at, at + 10))
  return new MatcherError(`matchers: character ${at + 1}: expected ${expected}, found ${found}`)
}
