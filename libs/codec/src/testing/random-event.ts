import { factTypes, isFact, type EventType, type Fact, type TidemarkEvent } from '@tidemark/model'
import { currentSchemas } from '@tidemark/schemas'
import { closedStrings } from '../field-rules.ts'
import { longMax } from '../pre-walk.ts'
import { schemaTree, type SchemaNode } from '../schema-tree.ts'

/** Numbers from 0 to 1, the same for the same seed (xorshift32, enough to vary data with). */
export type Random = () => number

export const randomFrom = (seed: number): Random => {
  let state = (seed ^ 0x9e37_79b9) >>> 0 || 1
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state = (state ^ (state << 5)) >>> 0
    return state / 0x1_0000_0000
  }
}

export const eventTypes = Object.keys(currentSchemas) as readonly EventType[]

const trees = new Map(eventTypes.map((type) => [type, schemaTree(currentSchemas[type])]))

/** An event that fits its schema and the rules of its fields, extremes included, made by walking the schema. */
export const randomEvent = (type: EventType, random: Random): TidemarkEvent => {
  const fields = valueOf(trees.get(type)!, '', random) as object
  const event = { type, ...fields } as TidemarkEvent
  if (isFact(event)) return soundFact(event)
  if (event.type === 'FactApplied')
    return { ...event, fact: randomEvent(pick(factTypes, random), random) as Fact }
  if (event.type !== 'RequestBatch') return event
  const count = below(random, 6)
  const column = (value: () => number): number[] => Array.from({ length: count }, value)
  const operations = [...event.operations, 'GET /']
  const baseUs = below(random, 2 ** 51)
  return {
    ...event,
    baseUs,
    operations,
    deltaUs: column(() => below(random, 2e6) - Math.min(baseUs, 1e6)),
    latencyUs: column(() => longOf(random)),
    status: column(() => below(random, 1000)),
    operation: column(() => below(random, operations.length)),
    failures: column(() => 0).flatMap((_, i) => (random() < 0.5 ? [i] : [])),
  }
}

/** With values that go together. */
const soundFact = (fact: Fact): Fact => {
  switch (fact.type) {
    case 'SilenceCreated':
      return { ...fact, fromUs: Math.floor(fact.fromUs / 2), toUs: Math.floor(fact.fromUs / 2) + 1 }
    case 'CostRecorded':
      return { ...fact, monthStartUs: 1_793_491_200_000_000, throughUs: 1_793_491_200_000_000 }
    case 'GovernanceEvidence':
      return fact.result === 'skipped' ? { ...fact, note: fact.note ?? '', untilUs: 1 } : fact
    default:
      return fact
  }
}

const valueOf = (node: SchemaNode, path: string, random: Random): unknown => {
  switch (node.kind) {
    case 'boolean':
      return random() < 0.5
    case 'int':
      return /status$/i.test(path)
        ? below(random, 1000)
        : below(random, random() < 0.1 ? 2 ** 31 : 300)
    case 'long':
      return longOf(random)
    case 'string':
      return textOf(path, random)
    case 'bytes':
      return Uint8Array.from({ length: below(random, 20) }, () => below(random, 256))
    case 'fixed':
      return node.name === 'Uuid' ? uuidOf(random) : hexOf(random, 2 * node.size)
    case 'enum':
      return pick(node.symbols, random)
    case 'union':
      return random() < 0.4 ? null : valueOf(node.branches[1]!, path, random)
    case 'array':
      return Array.from({ length: below(random, 4) }, () => valueOf(node.items, path, random))
    case 'record':
      return Object.fromEntries(
        node.fields.map((field) => [
          field.name,
          valueOf(field.node, `${node.name}.${field.name}`, random),
        ]),
      )
    default:
      throw new TypeError(`${path}: events hold no ${node.kind}`)
  }
}

const longOf = (random: Random): number =>
  pick(
    [0, 63, 64, 2 ** 31, 2 ** 53 - 2, longMax, below(random, 1e6), below(random, 2 ** 50)],
    random,
  )

const textOf = (path: string, random: Random): string => {
  const closed = (closedStrings as Readonly<Record<string, readonly string[]>>)[path]
  if (closed !== undefined) return pick(closed, random)
  if (path.endsWith('.currency')) return pick(['EUR', 'JPY'], random)
  if (path.endsWith('.service')) return pick(['checkout', 'a', 'x/y-z._0', 'S'.repeat(128)], random)
  return pick(
    [
      namesNothing.test(path) ? 'a' : '',
      'GET /cart',
      'Straße',
      '日本',
      '🜚 x',
      '<&>"\\',
      'r'.repeat(256),
    ],
    random,
  )
}

const namesNothing = /\.(deployment|incident)$|^BudgetCorrected\.slo$/

const uuidOf = (random: Random): string =>
  [8, 4, 4, 4, 12].map((digits) => hexOf(random, digits)).join('-')

const hexOf = (random: Random, digits: number): string =>
  Array.from({ length: digits }, () => below(random, 16).toString(16)).join('')

const pick = <T>(values: readonly T[], random: Random): T =>
  values[below(random, values.length)] as T

const below = (random: Random, limit: number): number => Math.floor(random() * limit)
