import { byteReader, expectEnd, takeBytes, takeInteger, type ByteReader } from './byte-reader.ts'
import {
  byteWriter,
  makeRoom,
  putBytes,
  putInteger,
  written,
  type ByteWriter,
} from './byte-writer.ts'

// Values as a checkpoint keeps them: what JSON has, with integers for numbers, and bytes. A value begins with a kind, or is a small integer by
// itself. The names of an object's fields are written once for all objects that have the same, and a short text once for all of its kind: a
// state of ten thousand services is half the size of its JSON.

const kinds = {
  ...{ nothing: 0, no: 1, yes: 2, integer: 3, negative: 4, text: 5, wideText: 6, knownText: 7 },
  ...{ bytes: 8, list: 9, newShape: 10, shape: 11, smallest: 16 },
} as const

const smallMax = 255 - kinds.smallest
/** Longer ones are hardly ever the same. */
const knownTextMax = 64

/** The same bytes for equal values, whatever the order of their fields; fields that are undefined are left out. */
export const packed = (value: unknown): Uint8Array => {
  const packing: Packing = {
    writer: byteWriter(),
    texts: new Map(),
    shapes: new Map(),
    shapeCount: 0,
  }
  pack(packing, value)
  return written(packing.writer)
}

/** The value that `packed` wrote, bytes in it as views of these; anything else is a RangeError. */
export const unpacked = (bytes: Uint8Array): unknown => {
  const unpacking: Unpacking = { reader: byteReader(bytes), texts: [], shapes: [] }
  const value = unpack(unpacking)
  expectEnd(unpacking.reader)
  return value
}

type Shape = { readonly number: number; readonly fields: readonly string[] }

type Packing = {
  readonly writer: ByteWriter
  readonly texts: Map<string, number>
  /** By the names of the fields in the order in which an object has them. */
  readonly shapes: Map<string, Shape>
  shapeCount: number
}

const pack = (packing: Packing, value: unknown): void => {
  const { writer } = packing
  switch (typeof value) {
    case 'number': {
      packNumber(writer, value)
      return
    }
    case 'string': {
      packText(packing, value)
      return
    }
    case 'boolean': {
      putKind(writer, value ? kinds.yes : kinds.no)
      return
    }
    case 'object':
      if (value === null) {
        putKind(writer, kinds.nothing)
        return
      }
      if (value instanceof Uint8Array) {
        putKind(writer, kinds.bytes)
        putInteger(writer, value.length)
        putBytes(writer, value)
        return
      }
      if (!Array.isArray(value)) {
        packObject(packing, value as Fields)
        return
      }
      putKind(writer, kinds.list)
      putInteger(writer, value.length)
      for (const item of value) pack(packing, item)
      return
    default:
      throw new TypeError(`packed value: a ${typeof value} has no form`)
  }
}

type Fields = Readonly<Record<string, unknown>>

const packNumber = (writer: ByteWriter, value: number): void => {
  if (!Number.isSafeInteger(value))
    throw new RangeError(`packed value: ${value} is not a safe integer`)
  if (value >= 0 && value <= smallMax) {
    putKind(writer, kinds.smallest + value)
    return
  }
  putKind(writer, value < 0 ? kinds.negative : kinds.integer)
  putInteger(writer, Math.abs(value))
}

const packText = ({ writer, texts }: Packing, text: string): void => {
  const known = texts.get(text)
  if (known !== undefined) {
    putKind(writer, kinds.knownText)
    putInteger(writer, known)
    return
  }
  if (text.length <= knownTextMax) texts.set(text, texts.size)
  const begin = writer.at
  putKind(writer, kinds.text)
  putInteger(writer, text.length)
  makeRoom(writer, text.length)
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit > 127) {
      writer.at = begin
      putWideText(writer, text)
      return
    }
    writer.bytes[writer.at++] = unit
  }
}

/** UTF-16, so that any text comes back as it was. */
const putWideText = (writer: ByteWriter, text: string): void => {
  putKind(writer, kinds.wideText)
  putInteger(writer, text.length)
  for (let i = 0; i < text.length; i++) putInteger(writer, text.charCodeAt(i))
}

const packObject = (packing: Packing, value: Fields): void => {
  const { writer, shapes } = packing
  const names = Object.keys(value).filter((name) => value[name] !== undefined)
  const key = keyOf(names)
  const known = shapes.get(key)
  const shape = known ?? shapeOf(packing, names)
  if (known === undefined) shapes.set(key, shape)
  putKind(writer, kinds.shape)
  putInteger(writer, shape.number)
  for (const name of shape.fields) pack(packing, value[name])
}

/** Unlike for any other names without a line break. */
const keyOf = (names: readonly string[]): string => `${names.length}\n${names.join('\n')}`

/** Writes the shape where it has another order only of one that was written before. */
const shapeOf = (packing: Packing, names: readonly string[]): Shape => {
  const fields = names.toSorted((a, b) => (a < b ? -1 : 1))
  if (fields.some((name) => name.includes('\n')))
    throw new RangeError(
      `packed value: a field's name holds a line break: ${JSON.stringify(fields)}`,
    )
  const sorted = keyOf(fields)
  const known = packing.shapes.get(sorted)
  if (known !== undefined) return known
  const shape = { number: packing.shapeCount++, fields }
  packing.shapes.set(sorted, shape)
  putKind(packing.writer, kinds.newShape)
  putInteger(packing.writer, fields.length)
  for (const name of fields) packText(packing, name)
  return shape
}

const putKind = (writer: ByteWriter, kind: number): void => {
  makeRoom(writer, 1)
  writer.bytes[writer.at++] = kind
}

type Unpacking = {
  readonly reader: ByteReader
  readonly texts: string[]
  readonly shapes: (readonly string[])[]
}

const unpack = (unpacking: Unpacking): unknown => {
  const { reader } = unpacking
  const kind = takeKind(reader)
  if (kind >= kinds.smallest) return kind - kinds.smallest
  switch (kind) {
    case kinds.nothing:
      return null
    case kinds.no:
      return false
    case kinds.yes:
      return true
    case kinds.integer:
      return takeInteger(reader)
    case kinds.negative:
      return -takeInteger(reader)
    case kinds.bytes:
      return takeBytes(reader, takeInteger(reader))
    case kinds.list:
      return unpackList(unpacking)
    case kinds.newShape:
      unpackShape(unpacking)
      return unpack(unpacking)
    case kinds.shape:
      return unpackObject(unpacking)
    default:
      return unpackText(unpacking, kind)
  }
}

const takeKind = (reader: ByteReader): number => {
  const kind = reader.bytes[reader.at++]
  if (kind === undefined) throw new RangeError('packed value: ends in the middle')
  return kind
}

const unpackList = (unpacking: Unpacking): unknown => {
  const { reader } = unpacking
  const length = takeInteger(reader)
  if (length > reader.bytes.length - reader.at)
    throw new RangeError(`packed value: a list of ${length} items that are not there`)
  const items: unknown[] = []
  for (let i = 0; i < length; i++) items.push(unpack(unpacking))
  return items
}

const unpackShape = (unpacking: Unpacking): void => {
  const { reader } = unpacking
  const fields: string[] = []
  for (let left = takeInteger(reader); left > 0; left--)
    fields.push(unpackText(unpacking, takeKind(reader)))
  unpacking.shapes.push(fields)
}

const unpackObject = (unpacking: Unpacking): unknown => {
  const { reader, shapes } = unpacking
  const shape = shapes[takeInteger(reader)]
  if (shape === undefined) throw new RangeError(`packed value: no such shape at ${reader.at}`)
  const value: Record<string, unknown> = {}
  for (const name of shape) value[name] = unpack(unpacking)
  return value
}

const unpackText = ({ reader, texts }: Unpacking, kind: number): string => {
  const length = takeInteger(reader)
  if (kind === kinds.knownText) {
    const known = texts[length]
    if (known === undefined) throw new RangeError(`packed value: no such text at ${reader.at}`)
    return known
  }
  if (kind !== kinds.text && kind !== kinds.wideText)
    throw new RangeError(`packed value: kind ${kind} at ${reader.at}`)
  const text = kind === kinds.text ? asciiOf(takeBytes(reader, length)) : wideTextOf(reader, length)
  if (length <= knownTextMax) texts.push(text)
  return text
}

const asciiOf = (bytes: Uint8Array): string => {
  let text = ''
  for (let from = 0; from < bytes.length; from += unitsMax) {
    const count = Math.min(unitsMax, bytes.length - from)
    units.length = count
    for (let i = 0; i < count; i++) units[i] = bytes[from + i]!
    text += String.fromCharCode.apply(null, units)
  }
  return text
}

/** From a list of numbers a string is made ten times as fast as from the bytes themselves. */
const units: number[] = []
/** Far below the number of arguments that a call can take. */
const unitsMax = 8192

const wideTextOf = (reader: ByteReader, length: number): string => {
  let text = ''
  for (let i = 0; i < length; i++) text += String.fromCharCode(takeInteger(reader))
  return text
}
