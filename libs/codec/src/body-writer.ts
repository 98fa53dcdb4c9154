import { copyOf } from './copy-of.ts'
import { fieldRule, type FieldRule } from './field-rules.ts'
import { optionOf } from './fit.ts'
import { longMax } from './pre-walk.ts'
import { SchemaError, type RecordNode, type SchemaNode } from './schema-tree.ts'

/** Writes an event in Avro, behind a header; null where `fitOf` would find a fault. */
export type BodyWriter = (event: object) => Uint8Array | null

/**
 * One walk that checks and writes, for every derived event passes here: measured, it takes about half the time of checking an event, turning
 * it into what avsc wants, and having that written. Check and avsc say in a test what is right, and the check says what is wrong where this
 * says null.
 *
 * What is beyond the end of the scratch space is not written, but counted, as typed arrays have it; then there is a second walk with room for
 * all of it.
 */
export const bodyWriter = (root: RecordNode, header: Uint8Array): BodyWriter => {
  const write = recordWriter(root, 'type')
  return (event) => {
    at = header.length
    if (!write(event)) return null
    if (at > scratch.length) {
      scratch = new Uint8Array(2 * at)
      at = header.length
      write(event)
    }
    scratch.set(header)
    return copyOf(scratch, at)
  }
}

/** Filled and copied within one call. */
let scratch = new Uint8Array(1 << 16)
let at = 0

/** Writes one value; false where it does not fit. */
type Writer = (value: unknown) => boolean

const writerOf = (node: SchemaNode, rule: FieldRule | undefined): Writer => {
  switch (node.kind) {
    case 'null':
      return (value) => value === null
    case 'boolean':
      return writeBoolean
    case 'int':
      return rule === undefined
        ? (value) => isUnsigned(value) && value === (value | 0) && writeInteger(value)
        : (value) => obeys(value, rule) && value === (value | 0) && writeInteger(value)
    case 'long':
      return rule === undefined
        ? (value) => isUnsigned(value) && writeInteger(value)
        : (value) => obeys(value, rule) && Number.isSafeInteger(value) && writeInteger(value)
    case 'string':
      return rule === undefined
        ? (value) => typeof value === 'string' && writeText(value)
        : (value) => typeof value === 'string' && writeText(value) && rule(value) === null
    case 'bytes':
      return (value) => value instanceof Uint8Array && writeBytes(value)
    case 'fixed':
      return fixedWriter(node.name)
    case 'enum':
      return enumWriter(node.symbols)
    case 'union':
      return optionWriter(writerOf(optionOf(node.branches), rule))
    case 'array':
      return arrayWriter(writerOf(node.items, rule))
    case 'record':
      return recordWriter(node, null)
    default:
      throw new SchemaError(`${node.kind}: events hold none`)
  }
}

/** `other`: a field that the value may have besides those of the schema. */
const recordWriter = ({ name: record, fields }: RecordNode, other: string | null): Writer => {
  const names = fields.map(({ name }) => name)
  const writers = fields.map(({ name, node }) => writerOf(node, fieldRule(`${record}.${name}`)))
  return (value) => {
    if (typeof value !== 'object' || value === null) return false
    for (let i = 0; i < names.length; i++)
      if (!writers[i]!((value as Readonly<Record<string, unknown>>)[names[i]!])) return false
    // All fields are there, so one too many is one that the schema does not know.
    let others = -names.length
    for (const _ in value) others++
    return others === 0 || (others === 1 && other !== null && other in value)
  }
}

const optionWriter =
  (write: Writer): Writer =>
  (value) => {
    if (value === null) {
      scratch[at++] = 0
      return true
    }
    scratch[at++] = 2
    return write(value)
  }

/** One block, and the empty one that ends it. */
const arrayWriter =
  (write: Writer): Writer =>
  (value) => {
    if (!Array.isArray(value)) return false
    if (value.length > 0) writeInteger(value.length)
    for (let i = 0; i < value.length; i++) if (!write(value[i])) return false
    scratch[at++] = 0
    return true
  }

const enumWriter = (symbols: readonly string[]): Writer => {
  const indexes = new Map<unknown, number>(symbols.map((symbol, index) => [symbol, index]))
  return (value) => {
    const index = indexes.get(value)
    return index !== undefined && writeInteger(index)
  }
}

const writeBoolean: Writer = (value) => {
  scratch[at++] = value === true ? 1 : 0
  return typeof value === 'boolean'
}

const isUnsigned = (value: unknown): value is number =>
  Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) <= longMax

const obeys = (value: unknown, rule: FieldRule): value is number =>
  typeof value === 'number' && rule(value) === null

/** Zigzag, in groups of seven bits. In halves above 2^30, for 32-bit shifts would cut them. */
const writeInteger = (value: number): true => {
  if (value >= -0x4000_0000 && value < 0x4000_0000) {
    let rest = (value << 1) ^ (value >> 31)
    while (rest > 127) {
      scratch[at++] = (rest & 127) | 128
      rest >>>= 7
    }
    scratch[at++] = rest
    return true
  }
  // Doubled, a number above 2^52 is none that is exact: its lowest bits go first.
  const magnitude = value < 0 ? -value - 1 : value
  scratch[at++] = ((magnitude % 64) << 1) | (value < 0 ? 129 : 128)
  let rest = Math.floor(magnitude / 64)
  while (rest > 127) {
    scratch[at++] = (rest % 128) | 128
    rest = Math.floor(rest / 128)
  }
  scratch[at++] = rest
  return true
}

const writeText = (text: string): boolean => {
  const begin = at
  writeInteger(text.length)
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit > 127) {
      at = begin
      return text.isWellFormed() && writeBytes(Buffer.from(text, 'utf8'))
    }
    scratch[at++] = unit
  }
  return true
}

const writeBytes = (bytes: Uint8Array): true => {
  writeInteger(bytes.length)
  if (at + bytes.length <= scratch.length) scratch.set(bytes, at)
  at += bytes.length
  return true
}

const fixedWriter = (name: string): Writer => {
  switch (name) {
    case 'Id':
      return (value) => writeHex(value, 32, -1, lowerDigits)
    case 'Digest':
      return (value) => writeHex(value, 16, -1, lowerDigits)
    case 'Uuid':
      return (value) => writeHex(value, 36, 0x2d, digits)
    default:
      throw new SchemaError(`${name}: a fixed that has no text form`)
  }
}

/** By character: the digit's value, or -1. */
const digitsOf = (characters: string): Int8Array => {
  const values = new Int8Array(128).fill(-1)
  for (const [index, character] of Array.from(characters).entries())
    values[character.charCodeAt(0)] = index < 16 ? index : index - 6
  return values
}
const lowerDigits = digitsOf('0123456789abcdef')
const digits = digitsOf('0123456789abcdefABCDEF')

/** Hexadecimal digits, with a dash where a UUID has one; `dash` -1: nowhere. */
const writeHex = (value: unknown, length: number, dash: number, values: Int8Array): boolean => {
  if (typeof value !== 'string' || value.length !== length) return false
  for (let i = 0; i < length; i += 2) {
    if (dash !== -1 && (i === 8 || i === 13 || i === 18 || i === 23)) {
      if (value.charCodeAt(i) !== dash) return false
      i++
    }
    const high = values[value.charCodeAt(i)] ?? -1
    const low = values[value.charCodeAt(i + 1)] ?? -1
    if ((high | low) < 0) return false
    scratch[at++] = (high << 4) | low
  }
  return true
}
