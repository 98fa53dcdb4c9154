// Reading documents of which nothing is sure: what is not there, or is something else, is null or empty.

export type Mapping = Readonly<Record<string, unknown>>

export const mappingOf = (value: unknown): Mapping =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Mapping) : {}

export const listOf = (value: unknown): readonly unknown[] => {
  if (Array.isArray(value)) return value as readonly unknown[]
  return value === undefined || value === null ? [] : [value]
}

/** Text, or what a number or a truth value is written as. */
export const textOf = (value: unknown): string | null => {
  if (typeof value === 'string') return value === '' ? null : value
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : null
}

/** The value below some keys. */
export const at = (value: unknown, ...keys: readonly string[]): unknown =>
  keys.reduce<unknown>((inside, key) => mappingOf(inside)[key], value)

export const isTrue = (value: unknown): boolean => textOf(value) === 'true'

/** A duration of OpenSLO in microseconds; null for months and longer, and for what is none. */
export const spanUsOf = (text: string | null): number | null => {
  const [, count, unit] = /^(\d{1,6})([mhdw])$/.exec(text ?? '') ?? []
  return count === undefined ? null : Number(count) * unitUs[unit as keyof typeof unitUs]
}

const unitUs = { m: 60_000_000, h: 3_600_000_000, d: 86_400_000_000, w: 604_800_000_000 } as const
