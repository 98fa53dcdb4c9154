/** Text that is HTML already. Only `markup` makes it, so what comes from outside is always escaped. */
export type Html = { readonly html: string }

type Value = Html | string | number | readonly Html[]

/** A template whose values are escaped unless they are HTML themselves. */
export const markup = (strings: TemplateStringsArray, ...values: readonly Value[]): Html => ({
  html: strings.reduce((text, piece, at) => text + piece + textOf(values[at] ?? ''), ''),
})

export const nothing: Html = { html: '' }

const textOf = (value: Value): string => {
  if (typeof value === 'string') return escaped(value)
  if (typeof value === 'number') return String(value)
  if ('html' in value) return value.html
  return value.map((each) => each.html).join('')
}

/** As it may stand in text and in quoted attributes. */
export const escaped = (text: string): string =>
  text.replaceAll(/[&<>"']/g, (character) => entities[character] ?? character)

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}
