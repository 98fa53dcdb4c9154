const blocks = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█']
const ascii = ['_', '.', '-', '=', '+', '*', '#', '@']

/**
 * Values of 0 and above as one character each, in eighths of `full` or, where one of them is above that, of the largest; a blank where there is
 * none. A value above 0 is never drawn as 0. Without Unicode, characters that look the darker the more they say.
 */
export const sparkline = (
  values: readonly (number | null)[],
  options: { readonly full: number; readonly unicode: boolean },
): string => {
  const { full, unicode } = options
  const steps = unicode ? blocks : ascii
  const top = values.reduce<number>((most, value) => Math.max(most, value ?? 0), full)
  const stepOf = (value: number): number =>
    value <= 0 || top <= 0 ? 0 : Math.max(1, Math.min(7, Math.round((value / top) * 7)))
  return values.map((value) => (value === null ? ' ' : (steps[stepOf(value)] ?? ' '))).join('')
}
