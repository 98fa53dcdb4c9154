import { isUuid } from '@tidemark/model'
import { fieldRule, unsigned, type FieldRule } from './field-rules.ts'
import { SchemaError, type RecordNode, type SchemaNode } from './schema-tree.ts'

/**
 * Whether a value is one of its schema and within its field rules: null, or what is wrong, beginning with the path (`.rows[3].status:
 * "off" is not one of ...`). The same check stands in front of encoding and behind decoding.
 */
export type Fit = (value: unknown) => string | null

/** The check of an event; `type` stands for the schema and is not looked at. */
export const fitOf = (root: RecordNode): Fit => recordFit(root, ['type'])

const nodeFit = (node: SchemaNode, rule: FieldRule | undefined): Fit => {
  switch (node.kind) {
    case 'null':
      return (value) => (value === null ? null : `: ${shown(value)} is not null`)
    case 'boolean':
      return (value) => (typeof value === 'boolean' ? null : `: ${shown(value)} is not a boolean`)
    case 'int':
      return integerFit(rule ?? unsigned, (value) => value === (value | 0))
    case 'long':
      return integerFit(rule ?? unsigned, Number.isSafeInteger)
    case 'string':
      return stringFit(rule)
    case 'bytes':
      return (value) =>
        value instanceof Uint8Array ? null : `: ${shown(value)} is not a Uint8Array`
    case 'fixed':
      return fixedFit(node.name)
    case 'enum':
      return (value) =>
        node.symbols.includes(value as string)
          ? null
          : `: ${shown(value)} is not one of ${node.symbols.join(', ')}`
    case 'union':
      return optionalFit(optionOf(node.branches), rule)
    case 'array':
      return arrayFit(nodeFit(node.items, rule))
    case 'record':
      return recordFit(node, [])
    default:
      throw new SchemaError(`${node.kind}: events hold none`)
  }
}

/** The value's side of an optional field: unions of other shapes have no place in events. */
export const optionOf = (branches: readonly SchemaNode[]): SchemaNode => {
  const [none, some, ...others] = branches
  if (none?.kind !== 'null' || some === undefined || others.length > 0)
    throw new SchemaError('a union that is not ["null", type]')
  return some
}

const integerFit =
  (rule: FieldRule, isOfWidth: (value: number) => boolean): Fit =>
  (value) => {
    if (typeof value !== 'number') return `: ${shown(value)} is not a number`
    return rule(value) ?? (isOfWidth(value) ? null : `: ${value} takes more than 32 bits`)
  }

const stringFit =
  (rule: FieldRule | undefined): Fit =>
  (value) => {
    if (typeof value !== 'string') return `: ${shown(value)} is not a string`
    if (!value.isWellFormed()) return `: ${shown(value)} is not well-formed Unicode`
    return rule === undefined ? null : rule(value)
  }

const fixedFit = (name: string): Fit => {
  const isOne = fixedPatterns[name]
  if (isOne === undefined) throw new SchemaError(`${name}: a fixed that has no text form`)
  return (value) =>
    typeof value === 'string' && isOne(value)
      ? null
      : `: ${shown(value)} is not ${fixedForms[name]!}`
}

const fixedPatterns: Readonly<Record<string, (value: string) => boolean>> = {
  Uuid: isUuid,
  Id: (value) => /^[0-9a-f]{32}$/.test(value),
  Digest: (value) => /^[0-9a-f]{16}$/.test(value),
}

const fixedForms: Readonly<Record<string, string>> = {
  Uuid: 'a UUID',
  Id: '32 hexadecimal digits',
  Digest: '16 hexadecimal digits',
}

const optionalFit = (node: SchemaNode, rule: FieldRule | undefined): Fit => {
  const fit = nodeFit(node, rule)
  return (value) => (value === null ? null : fit(value))
}

const arrayFit =
  (item: Fit): Fit =>
  (value) => {
    if (!Array.isArray(value)) return `: ${shown(value)} is not an array`
    for (let i = 0; i < value.length; i++) {
      const fault = item(value[i])
      if (fault !== null) return `[${i}]${fault}`
    }
    return null
  }

const recordFit = ({ name: record, fields }: RecordNode, others: readonly string[]): Fit => {
  const checks = fields.map(({ name, node }) => ({
    name,
    fit: nodeFit(node, fieldRule(`${record}.${name}`)),
  }))
  const known = new Set([...fields.map(({ name }) => name), ...others])
  return (value) => {
    if (typeof value !== 'object' || value === null) return `: ${shown(value)} is not an object`
    for (const { name, fit } of checks) {
      const fault = fit((value as Readonly<Record<string, unknown>>)[name])
      if (fault !== null) return `.${name}${fault}`
    }
    for (const key in value) if (!known.has(key)) return `.${key}: unknown`
    return null
  }
}

const shown = (value: unknown): string => {
  if (typeof value === 'object' && value !== null)
    return Array.isArray(value) ? 'an array' : 'an object'
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value)
  return text.length > 80 ? `${text.slice(0, 80)}...` : text
}
