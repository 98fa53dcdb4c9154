import { slotsInV2 } from './latencies.ts'

/** Expected where there must be a text, but which one is a matter of words. */
export const someText = Symbol('some text')

/**
 * The first field in which an event is not what was expected, in words; null when all fields that are expected are there. Fields that
 * nobody expects are free, and a histogram is compared by its slots.
 */
export const firstDifference = (expected: unknown, found: unknown, path = ''): string | null => {
  if (expected === someText)
    return typeof found === 'string' && found !== ''
      ? null
      : `${path}: ${shown(found)} instead of a text`
  if (Array.isArray(expected)) {
    const items: unknown =
      found instanceof Uint8Array && !(expected instanceof Uint8Array) ? slotsInV2(found) : found
    if (!Array.isArray(items)) return differing(path, expected, found)
    for (const [i, item] of expected.entries()) {
      const difference = firstDifference(item, items[i], `${path}[${i}]`)
      if (difference !== null) return difference
    }
    return items.length === expected.length
      ? null
      : `${path}: ${items.length} instead of ${expected.length}`
  }
  if (expected instanceof Uint8Array)
    return found instanceof Uint8Array && Buffer.from(expected).equals(found)
      ? null
      : differing(path, expected, found)
  if (typeof expected !== 'object' || expected === null)
    return Object.is(expected, found) ? null : differing(path, expected, found)
  if (typeof found !== 'object' || found === null) return differing(path, expected, found)
  for (const [name, field] of Object.entries(expected)) {
    const there = (found as Readonly<Record<string, unknown>>)[name]
    const difference = firstDifference(field, there, path === '' ? name : `${path}.${name}`)
    if (difference !== null) return difference
  }
  return null
}

const differing = (path: string, expected: unknown, found: unknown): string =>
  `${path}: ${shown(found)} instead of ${shown(expected)}`

const shown = (value: unknown): string => {
  if (value instanceof Uint8Array) return `${value.length} bytes ${hexOf(value)}`
  const text = JSON.stringify(value) ?? 'nothing'
  return text.length > 120 ? `${text.slice(0, 120)}...` : text
}

const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes.subarray(0, 16)).toString('hex')
