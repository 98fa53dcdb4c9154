import { Composer, LineCounter, Parser, type Document } from 'yaml'
import { pathText, type Fault } from './fault.ts'
import { keyOffsetOf, offsetOf, type Place } from './place.ts'
import { walk } from './walk.ts'

/** Larger files are refused: some ten thousand services fit. */
export const fileBytesMax = 4_000_000
/** Documents, comments and stray characters outside of any document. */
const tokensMax = 20_000

/** What a YAML file holds, with the place of each value, and what is wrong with it as YAML; a document that is none is left out. */
export type YamlSource = {
  readonly documents: readonly YamlDocument[]
  readonly faults: readonly Fault[]
}

export type YamlDocument = {
  /** Objects without a prototype, arrays, strings, booleans, null; numbers where their text is JavaScript's, else that text. */
  readonly value: unknown
  readonly faultAt: (path: readonly PropertyKey[], message: string) => Fault
  readonly faultAtKey: (path: readonly PropertyKey[], message: string) => Fault
}

/** Reads YAML 1.2 in UTF-8. Never throws: whatever the bytes are, faults say what is wrong with them. */
export const readYaml = (bytes: Uint8Array): YamlSource => {
  if (bytes.length > fileBytesMax)
    return wholly(`${bytes.length} bytes: at most ${fileBytesMax} are read`)
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return wholly('not UTF-8 text')
  }
  try {
    return readText(text)
  } catch (error) {
    // The parser's own bounds, whatever they may be: a configuration is refused rather than half read.
    return wholly(`cannot be read: ${error instanceof Error ? error.message : String(error)}`)
  }
}

const readText = (text: string): YamlSource => {
  const lines = new LineCounter()
  const tokens = bounded(new Parser(lines.addNewLine).parse(text))
  const composed = new Composer({
    ...{ version: '1.2', schema: 'core', stringKeys: true, strict: true, prettyErrors: false },
    // Compares every key with every other one; walk() does it by a set.
    uniqueKeys: false,
  }).compose(tokens, true, text.length)
  const documents: YamlDocument[] = []
  const faults: Fault[] = []
  for (const document of composed) {
    const errors = syntaxFaults(document, lines)
    if (errors.length > 0) faults.push(...errors)
    else {
      const { value, place, faults: wrong } = walk(document.contents)
      const located = locatedIn(place, lines)
      faults.push(...wrong.map(({ at, path, message }) => faultOf(lines, at, path, message)))
      documents.push({ value, ...located })
    }
  }
  return { documents, faults }
}

const wholly = (message: string): YamlSource => ({
  documents: [],
  faults: [{ line: 0, column: 0, path: '', message }],
})

function* bounded<T>(tokens: Iterable<T>): Generator<T> {
  let count = 0
  for (const token of tokens) {
    if (++count > tokensMax)
      throw new RangeError(`more than ${tokensMax} comments, documents or stray characters`)
    yield token
  }
}

const syntaxFaults = (
  { errors, warnings }: Pick<Document.Parsed, 'errors' | 'warnings'>,
  lines: LineCounter,
): readonly Fault[] =>
  [...errors, ...warnings].map(({ code, message, pos }) => {
    const what = code === 'RESOURCE_EXHAUSTION' ? 'nested too deeply' : message.slice(0, 200)
    return faultOf(lines, pos[0], [], `not YAML: ${what}`)
  })

const locatedIn = (
  place: Place,
  lines: LineCounter,
): Pick<YamlDocument, 'faultAt' | 'faultAtKey'> => ({
  faultAt: (path, message) => faultOf(lines, offsetOf(place, path), path, message),
  faultAtKey: (path, message) => faultOf(lines, keyOffsetOf(place, path), path, message),
})

const faultOf = (
  lines: LineCounter,
  at: number,
  path: readonly PropertyKey[],
  message: string,
): Fault => {
  const { line, col } = lines.linePos(at)
  return { line: Math.max(line, 1), column: Math.max(col, 1), path: pathText(path), message }
}
