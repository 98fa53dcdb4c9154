/** A value inside a line. Numbers stay as they were written: what a double makes of them would be too late to judge. */
export type FlatValue =
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'number'; readonly text: string }
  | { readonly kind: 'boolean'; readonly value: boolean }
  | { readonly kind: 'null' }

/** What `parseFlatJson` finds; `fault` says what is wrong and where (columns count from 1). */
export type FlatJson =
  | { readonly ok: true; readonly fields: ReadonlyMap<string, FlatValue> }
  | { readonly ok: false; readonly fault: string }

/**
 * A JSON object (RFC 8259) whose values are all plain. Stricter than `JSON.parse`, which takes the last of two equal keys without a
 * word and rounds numbers: equal keys are refused, and a Map holds the fields, so `__proto__` is a key like any other.
 */
export const parseFlatJson = (text: string): FlatJson => {
  const scan: Scan = { text, at: 0, fault: null }
  const fields = new Map<string, FlatValue>()
  expect(scan, '{', 'not a JSON object')
  if (!isNext(scan, '}'))
    do readField(scan, fields)
    while (scan.fault === null && isNext(scan, ','))
  else scan.at--
  expect(scan, '}', 'expected , or }')
  skipSpace(scan)
  if (scan.at < text.length) fail(scan, 'more text behind the object')
  return scan.fault === null ? { ok: true, fields } : { ok: false, fault: scan.fault }
}

type Scan = { readonly text: string; at: number; fault: string | null }

const readField = (scan: Scan, fields: Map<string, FlatValue>): void => {
  skipSpace(scan)
  const keyAt = scan.at
  const key = scan.text[keyAt] === '"' ? readString(scan) : null
  if (key === null) {
    fail(scan, 'expected a key in double quotes')
    return
  }
  expect(scan, ':', 'expected :')
  const value = readValue(scan)
  if (value === null || scan.fault !== null) return
  if (fields.has(key)) {
    scan.at = keyAt
    fail(scan, `key ${quoted(key)} stands there twice`)
  }
  fields.set(key, value)
}

const readValue = (scan: Scan): FlatValue | null => {
  skipSpace(scan)
  const first = scan.text[scan.at]
  if (first === '"') {
    const value = readString(scan)
    return value === null ? null : { kind: 'string', value }
  }
  if (first === '{' || first === '[')
    return fail(scan, 'a value is a string, a number, true, false or null')
  const word = matchAt(scan, wordPattern)
  if (word === 'null') return { kind: 'null' }
  if (word === 'true' || word === 'false') return { kind: 'boolean', value: word === 'true' }
  const text = matchAt(scan, numberPattern)
  return text === null ? fail(scan, 'expected a value') : { kind: 'number', text }
}

const wordPattern = /(?:null|true|false)(?![A-Za-z0-9])/y
const numberPattern = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?(?![A-Za-z0-9.+-])/y

/** The string that starts here. Where it has escapes, they are JSON.parse's matter. */
const readString = (scan: Scan): string | null => {
  const { text, at: start } = scan
  let end = start + 1
  let isPlain = true
  for (let code; (code = text.charCodeAt(end)) !== quote; end++) {
    if (end >= text.length) return fail(scan, 'a string that does not end')
    if (code >= 0x20 && code !== backslash) continue
    isPlain = false
    if (code === backslash) end++
  }
  const value = isPlain ? text.slice(start + 1, end) : unescaped(text.slice(start, end + 1))
  if (value === null) return fail(scan, 'a string with a control character or an unknown escape')
  scan.at = end + 1
  return value
}

const quote = 0x22
const backslash = 0x5c

const unescaped = (literal: string): string | null => {
  try {
    return JSON.parse(literal) as string
  } catch {
    return null
  }
}

const matchAt = (scan: Scan, pattern: RegExp): string | null => {
  pattern.lastIndex = scan.at
  const match = pattern.exec(scan.text)?.[0] ?? null
  if (match !== null) scan.at += match.length
  return match
}

const isNext = (scan: Scan, character: string): boolean => {
  skipSpace(scan)
  if (scan.text[scan.at] !== character) return false
  scan.at++
  return true
}

const expect = (scan: Scan, character: string, what: string): void => {
  if (!isNext(scan, character)) fail(scan, what)
}

const skipSpace = (scan: Scan): void => {
  for (let code; (code = scan.text.charCodeAt(scan.at)) <= 0x20; scan.at++)
    if (code !== 0x20 && code !== 0x09 && code !== 0x0a && code !== 0x0d) return
}

/** Keeps the first fault. */
const fail = (scan: Scan, what: string): null => {
  scan.fault ??= `${what} (column ${scan.at + 1})`
  return null
}

/** Text of a stranger as it may stand in a message. */
export const quoted = (text: string): string =>
  JSON.stringify(text.length > 64 ? `${text.slice(0, 64)}...` : text)
