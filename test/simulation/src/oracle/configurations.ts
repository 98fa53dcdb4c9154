import { createHash } from 'node:crypto'
import type { Configuration, ConfigurationActivated, Layout } from '@tidemark/model'
import type { LoggedRecord } from '../invariants/evidence.ts'
import type { AppliedFact } from './aggregates.ts'
import { contentOf } from './avro.ts'
import { byText } from './lists.ts'

/** Every configuration that there is, by its id: those of the catalog, and the layout's own. */
export type Configurations = {
  readonly layouts: InForce
  readonly byId: ReadonlyMap<string, Configuration>
}

export type InForce = { readonly id: string; readonly configuration: Configuration }

/** Puts the parts of each configuration together, whatever order they stand in. */
export const configurationsOf = (
  { configuration }: Layout,
  catalog: readonly LoggedRecord[],
): Configurations => {
  const parts = catalog.flatMap(({ value }) => {
    const content = value === null ? null : contentOf(value)
    return content?.kind === 'event' && content.type === 'ConfigurationStored'
      ? [content.fields as Part]
      : []
  })
  const stored = [...Map.groupBy(parts, (part) => part.configurationId)].flatMap(([id, all]) => {
    const texts = Array.from(
      { length: all[0]!.parts },
      (_, i) => all.find(({ part }) => part === i)?.text,
    )
    return texts.includes(undefined)
      ? []
      : [[id, JSON.parse(texts.join('')) as Configuration] as const]
  })
  const layouts = { id: idOf(configuration), configuration }
  return { layouts, byId: new Map([[layouts.id, configuration], ...stored]) }
}

type Part = {
  readonly configurationId: string
  readonly part: number
  readonly parts: number
  readonly text: string
}

/**
 * What is in force in a window: the newest activation that was read and is due, where one takes the place of all before it that do not
 * start earlier, and one that comes again says nothing. Looks at all of them each time.
 */
export const inForceAt = (
  startUs: number,
  facts: readonly AppliedFact[],
  { layouts, byId }: Configurations,
): InForce => {
  const activations = facts.flatMap(({ clockMs, fact }, i) =>
    fact.type === 'ConfigurationActivated' &&
    clockMs * 1000 <= startUs &&
    facts.findIndex((earlier) => earlier.fact.id === fact.id) === i
      ? [{ fact, fromUs: Math.max(clockMs * 1000, fact.effectiveFromUs) }]
      : [],
  )
  const due = activations.filter(
    ({ fromUs }, i) =>
      fromUs <= startUs && activations.slice(i + 1).every((later) => later.fromUs > fromUs),
  )
  const newest: ConfigurationActivated | undefined = due.at(-1)?.fact
  if (newest === undefined) return layouts
  const { configurationId: id } = newest
  const configuration = byId.get(id)
  if (configuration === undefined) throw new Error(`oracle: configuration ${id} is not in the log`)
  return { id, configuration }
}

/** The first 16 bytes of the SHA-256 of something's JSON with its keys in order. */
export const idOf = (what: object): string => {
  const known = ids.get(what)
  if (known !== undefined) return known
  const id = createHash('sha256')
    .update(JSON.stringify(sorted(what)))
    .digest('hex')
    .slice(0, 32)
  ids.set(what, id)
  return id
}

/** Configurations and their rules are asked for in every window. */
const ids = new WeakMap<object, string>()

const sorted = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).sort(([a], [b]) => byText(a, b))
  return Object.fromEntries(entries.map(([name, member]) => [name, sorted(member)]))
}
