/** By code points, which is by the bytes of UTF-8. */
export const byText = (a: string, b: string): number => {
  for (let i = 0; i < a.length && i < b.length; i++) {
    const difference = a.codePointAt(i)! - b.codePointAt(i)!
    if (difference !== 0) return difference
  }
  return a.length - b.length
}

export const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0)

/** How often each value is there, sorted by value. */
export const countsBy = <T extends string | number>(
  values: readonly T[],
): readonly (readonly [value: T, count: number])[] => {
  const counts = new Map<T, number>()
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1)
  return [...counts].sort(([a], [b]) =>
    typeof a === 'number' ? a - (b as number) : byText(a, b as string),
  )
}
