import { isUtf8 } from '@tidemark/wire'
import type { AvroSchema } from '@tidemark/schemas'
import { bytesMinOf, schemaTree, type SchemaNode } from './schema-tree.ts'
import {
  broken,
  bytesLeft,
  endsHere,
  readIndex,
  readInteger,
  readLength,
  take,
  type Walk,
} from './walk.ts'

/**
 * Walks a body by its schema without making anything of it, before avsc sees a byte: five bytes can stall avsc for three seconds, and
 * it takes 7 for a boolean, NaN for a number and broken UTF-8 for text. A count is believed only where the bytes left could hold as many
 * items, so the work is linear in the length of the body, whatever the body says; `WalkCost` proves it.
 */
export type PreWalk = (bytes: Uint8Array, from: number, cost?: WalkCost) => WalkFault | null

/** `bad_avro`: the body is not what its schema says; `bad_value`: it is, but a number is outside what the codec represents. */
export type WalkFault = { readonly reason: 'bad_avro' | 'bad_value'; readonly detail: string }

/** What walks have cost so far. For tests: at most `4 * length + 4` steps and `length` bytes each. */
export type WalkCost = {
  /** Values and array blocks looked at. */
  steps: number
  /** Bytes of strings, bytes and fixed: what avsc is going to allocate. */
  bytes: number
}

/** The longs that avsc 5.7.9 reads and writes exactly: below -2^52 it is off by one (mtth/avsc#455). */
export const longMin = -(2 ** 52)
export const longMax = 2 ** 53 - 2

/** The walk of a schema's bodies, made once per schema. SchemaError where a schema cannot be walked within bounds. */
export const preWalk = (schema: AvroSchema): PreWalk => {
  const step = stepOf(schemaTree(schema))
  return (bytes, from, cost) => {
    const walk: Walk = {
      bytes,
      at: from,
      from,
      steps: 0,
      taken: 0,
      number: 0,
      fault: '',
      path: '',
      unfit: null,
    }
    const isSound = step(walk) && endsHere(walk)
    if (cost !== undefined) {
      cost.steps += walk.steps
      cost.bytes += walk.taken
    }
    if (!isSound) {
      const where = walk.path === '' ? '' : `${walk.path}: `
      return { reason: 'bad_avro', detail: `${where}${walk.fault}` }
    }
    return walk.unfit === null ? null : { reason: 'bad_value', detail: walk.unfit }
  }
}

/** Steps over one value; false with `fault` set where it is broken. */
type Step = (walk: Walk) => boolean

const stepOf = (node: SchemaNode): Step => {
  switch (node.kind) {
    case 'null':
      return () => true
    case 'boolean':
      return stepBoolean
    case 'int':
      return (walk) => readInteger(walk, 5)
    case 'long':
      return stepLong
    case 'float':
      return (walk) => stepFloat(walk, 4)
    case 'double':
      return (walk) => stepFloat(walk, 8)
    case 'bytes':
      return stepBytes
    case 'string':
      return stepString
    case 'fixed':
      return (walk) => take(walk, node.size)
    case 'enum':
      return (walk) => readIndex(walk, node.symbols.length, 'symbol')
    case 'union':
      return unionStep(node.branches.map(counted))
    case 'array':
      return blocksStep(counted(node.items), bytesMinOf(node.items))
    case 'map':
      return blocksStep(entryStep(counted(node.values)), 1 + bytesMinOf(node.values))
    case 'record':
      return recordStep(
        node.fields.map(({ name, node: field }) => ({ name, step: counted(field) })),
      )
  }
}

const counted = (node: SchemaNode): Step => {
  const step = stepOf(node)
  return (walk) => {
    walk.steps++
    return step(walk)
  }
}

const recordStep = (fields: readonly { readonly name: string; readonly step: Step }[]): Step => {
  return (walk) => {
    for (let i = 0; i < fields.length; i++) {
      const { name, step } = fields[i]!
      if (!step(walk))
        return within(walk, walk.path === '' || walk.path.startsWith('[') ? name : `${name}.`)
    }
    return true
  }
}

const unionStep =
  (branches: readonly Step[]): Step =>
  (walk) =>
    readIndex(walk, branches.length, 'union branch') && branches[walk.number]!(walk)

const entryStep =
  (value: Step): Step =>
  (walk) =>
    stepString(walk) && value(walk)

/** Arrays and maps: blocks of items, each behind its count, until a count of 0. A negative count is followed by the block's size. */
const blocksStep = (item: Step, itemBytesMin: number): Step => {
  return (walk) => {
    for (let read = 0; ;) {
      walk.steps++
      if (!readInteger(walk, 10)) return false
      const count = Math.abs(walk.number)
      if (count === 0) return true
      let blockEnd = -1
      if (walk.number < 0) {
        if (!readLength(walk, 'block')) return false
        blockEnd = walk.at + walk.number
      }
      if (count * itemBytesMin > bytesLeft(walk))
        return broken(walk, `${count} items, ${bytesLeft(walk)} bytes left`)
      for (const until = read + count; read < until; read++)
        if (!item(walk))
          return within(
            walk,
            `[${read}]${walk.path === '' || walk.path.startsWith('[') ? '' : '.'}`,
          )
      // A reader that skips the block would trust its size.
      if (blockEnd !== -1 && walk.at !== blockEnd)
        return broken(walk, `block does not end at byte ${blockEnd - walk.from}`)
    }
  }
}

const stepBoolean: Step = (walk) => {
  const byte = walk.bytes[walk.at]
  if (byte === undefined) return broken(walk, 'ends in the middle')
  if (byte > 1) return broken(walk, `boolean ${byte}`)
  walk.at++
  return true
}

const stepLong: Step = (walk) => {
  const start = walk.at
  if (!readInteger(walk, 10)) return false
  if (walk.number < longMin || walk.number > longMax)
    walk.unfit ??= `a long outside -2^52 to 2^53 - 2 at byte ${start - walk.from}`
  return true
}

const stepFloat = (walk: Walk, size: 4 | 8): boolean => {
  const start = walk.at
  if (!take(walk, size)) return false
  const view = new DataView(walk.bytes.buffer, walk.bytes.byteOffset + start, size)
  const value = size === 4 ? view.getFloat32(0, true) : view.getFloat64(0, true)
  if (!Number.isFinite(value)) walk.unfit ??= `${value} at byte ${start - walk.from}`
  return true
}

const stepBytes: Step = (walk) => readLength(walk, 'bytes') && take(walk, walk.number)

const stepString: Step = (walk) => {
  if (!readLength(walk, 'string')) return false
  const start = walk.at
  return (
    take(walk, walk.number) &&
    (isUtf8(walk.bytes, start, walk.at) || broken(walk, 'string that is not UTF-8'))
  )
}

/** Says where the fault is, from the inside out. */
const within = (walk: Walk, name: string): false => {
  walk.path = `${name}${walk.path}`
  return false
}
