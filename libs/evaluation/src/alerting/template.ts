/**
 * What stands between double braces in the template of a summary. Nothing is evaluated: a name is replaced by its value, whatever that
 * holds, and what is absent is a dash.
 */
export const summaryNames = [
  'service',
  'team',
  'tier',
  'rule',
  'slo',
  'severity',
  /** Live status of the service. */
  'status',
  /** What was measured: `12.4%`, `312ms`. */
  'value',
  /** What it is compared with: `> 200ms`. */
  'limit',
  /** Events that the value rests on. */
  'count',
  /** The rule's own words, which are the summary without a template. */
  'words',
] as const
export type SummaryName = (typeof summaryNames)[number]

export type Template = readonly (string | { readonly name: SummaryName })[]

/** Characters of a template, and of a summary made of it. */
export const summaryLengthMax = 1000

/** Names without a value are left as they were written: `templateFaults` names them where a configuration is checked. */
export const parseTemplate = (text: string): Template => {
  const parts: (string | { readonly name: SummaryName })[] = []
  let end = 0
  for (const found of text.matchAll(placeholder)) {
    const name = found[1]?.trim()
    if (!isSummaryName(name)) continue
    parts.push(text.slice(end, found.index), { name })
    end = found.index + found[0].length
  }
  return [...parts, text.slice(end)].filter((part) => part !== '')
}

/** The template with its values, cut where it becomes too long. */
export const fillTemplate = (
  template: Template,
  values: { readonly [N in SummaryName]: string | null },
): string => {
  const text = template
    .map((part) => (typeof part === 'string' ? part : (values[part.name] ?? '-')))
    .join('')
  const characters = Array.from(text)
  return characters.length <= summaryLengthMax
    ? text
    : `${characters.slice(0, summaryLengthMax - 1).join('')}…`
}

/** Everything that is wrong with a template, in words. */
export const templateFaults = (text: string): readonly string[] => {
  const faults: string[] = []
  if (Array.from(text).length > summaryLengthMax)
    faults.push(`is longer than ${summaryLengthMax} characters`)
  for (const found of text.matchAll(placeholder)) {
    const name = found[1]?.trim()
    if (!isSummaryName(name))
      faults.push(`${found[0]} is not known; known are ${summaryNames.join(', ')}`)
  }
  if (/\{\{|\}\}/.test(text.replace(placeholder, ' ')))
    faults.push('has {{ without }}, or }} without {{')
  return faults
}

const placeholder = /\{\{([^{}]*)\}\}/g

const isSummaryName = (name: string | undefined): name is SummaryName =>
  (summaryNames as readonly (string | undefined)[]).includes(name)
