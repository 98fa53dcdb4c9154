import { invariant } from '@tidemark/model'
import { jsonSchema, type JsonSchema } from './json-schema.ts'

type Row = { readonly key: string; readonly form: string; readonly what: string }

const begin = '<!-- reference: npm run generate -w @tidemark/configuration -->'
const end = '<!-- end of reference -->'

/** A text with the reference of today between its marks. */
export const withReference = (text: string): string => {
  const at = text.indexOf(begin)
  const until = text.indexOf(end, at)
  invariant(at >= 0 && until >= 0, `reference: the text has no ${at < 0 ? begin : end}`)
  return `${text.slice(0, at + begin.length)}\n\n${reference()}\n\n${text.slice(until)}`
}

/** Every key of `tidemark.yaml`, as tables of Markdown: one a part, and one a kind of objective and rule. */
const reference = (): string =>
  Object.entries(jsonSchema().properties ?? {})
    .map(([part, schema]) => partText(part, schema))
    .join('\n\n')

const partText = (part: string, schema: JsonSchema): string => {
  const title = `### \`${part}\`\n\n${schema.description ?? ''}`
  const kinds = schema.items?.oneOf
  const tables = kinds === undefined ? [table(rowsOf(schema, ''))] : kindTexts(kinds)
  return [title, ...tables.filter((text) => text !== '')].join('\n\n')
}

/** First what every kind has that says something, then of each what only it has. */
const kindTexts = (kinds: readonly JsonSchema[]): readonly string[] => {
  const saying = kinds.filter(({ properties }) => properties?.kind?.const !== 'none')
  const rows = saying.map((kind) => rowsOf(kind, ''))
  const isCommon = (row: Row): boolean =>
    rows.every((each) => each.some(({ key, what }) => key === row.key && what === row.what))
  const own = kinds.map((kind) => {
    const rowsOfKind = rowsOf(kind, '').filter((row) => !isCommon(row))
    return `${kindText(kind)}\n\n${table(rowsOfKind)}`.trimEnd()
  })
  return [
    'Every kind but `none`, which has an `id` alone, has',
    table((rows[0] ?? []).filter(isCommon)),
    ...own,
  ]
}

const kindText = ({ properties, description }: JsonSchema): string =>
  `**\`kind: ${properties?.kind?.const ?? ''}\`** ${description ?? ''}`

const table = (rows: readonly Row[]): string =>
  rows.length === 0
    ? ''
    : [
        '| key | value | what it says |',
        '| --- | --- | --- |',
        ...rows.map(({ key, form, what }) => `| \`${key}\` | ${form} | ${what} |`),
      ].join('\n')

const rowsOf = (schema: JsonSchema, prefix: string): readonly Row[] => {
  const required = new Set(schema.required ?? [])
  const own = Object.entries(schema.properties ?? {})
    .filter(([key]) => key !== 'kind')
    .flatMap(([key, each]) => rowsOfKey(`${prefix}${key}`, each, required.has(key)))
  const values = schema.additionalProperties
  const named = typeof values === 'object' ? rowsOfKey(`${prefix}NAME`, values, false) : []
  const items = schema.items === undefined ? [] : rowsOf(schema.items, prefix)
  return [...own, ...named, ...items]
}

const rowsOfKey = (key: string, schema: JsonSchema, isRequired: boolean): readonly Row[] => {
  const what = `${isRequired ? '**Required.** ' : ''}${schema.description ?? ''}`.replaceAll(
    '|',
    '\\|',
  )
  if (key === 'NAME.thresholds')
    return [{ key, form: 'mapping', what: 'Its own, as `thresholds` below.' }]
  const deeper =
    schema.items === undefined ? rowsOf(schema, `${key}.`) : rowsOf(schema.items, `${key}[].`)
  return [{ key, form: formOf(schema), what }, ...deeper]
}

const formOf = (schema: JsonSchema): string => {
  if (schema.enum !== undefined)
    return schema.enum
      .filter((each) => each !== null)
      .map(code)
      .join(', ')
  if (schema.examples !== undefined) return schema.examples.map(code).join(', ')
  const types = [schema.type ?? []].flat().filter((type) => type !== 'null')
  if (types.includes('array'))
    return schema.items?.enum !== undefined || schema.items?.examples !== undefined
      ? `list of ${formOf(schema.items)}`
      : 'list'
  if (types.includes('object')) return 'mapping'
  return types.includes('integer') ? 'whole number' : 'text'
}

const code = (value: string | number): string => `\`${String(value).replaceAll('|', '\\|')}\``
