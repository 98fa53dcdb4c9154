import { sloKey } from '@tidemark/evaluation'
import type { Configuration } from '@tidemark/model'
import { fileForm, type Form, type FormValue } from './file-form.ts'

/** One difference between two configurations, as `tidemark.yaml` would say it. */
export type ConfigurationChange = {
  readonly change: 'added' | 'removed' | 'changed'
  /** The part, what names the item in it, and the keys in that; a part that only changed its order ends in `order`. */
  readonly path: readonly string[]
  readonly before: FormValue | null
  readonly after: FormValue | null
}

const named = ['services', 'slos', 'rules', 'silences', 'maintenance'] as const

/** What changes from one configuration to another, by service, objective, rule and silence, in the order of the file. */
export const configurationDiff = (
  before: Configuration,
  after: Configuration,
): readonly ConfigurationChange[] => {
  const [a, b] = [fileForm(before), fileForm(after)]
  return Object.keys(b).flatMap((part) =>
    (named as readonly string[]).includes(part)
      ? itemChanges(part, itemsOf(a[part]!), itemsOf(b[part]!))
      : valueChanges([part], a[part]!, b[part]!),
  )
}

/** Items by what names them; those that only take a default away are none. */
const itemsOf = (value: FormValue): ReadonlyMap<string, Form> => {
  if (!isList(value)) return new Map(Object.entries(value as Readonly<Record<string, Form>>))
  const items = (value as readonly NamedForm[]).filter(({ kind }) => kind !== 'none')
  return new Map(
    items.map((item) => [sloKey({ id: item.id, service: item.service ?? null }), item]),
  )
}

type NamedForm = Form & { readonly id: string; readonly kind?: string; readonly service?: string }

const itemChanges = (
  part: string,
  before: ReadonlyMap<string, Form>,
  after: ReadonlyMap<string, Form>,
): readonly ConfigurationChange[] => {
  const removed = [...before]
    .filter(([name]) => !after.has(name))
    .map(([name, item]) => changeOf([part, name], item, null))
  const others = [...after].flatMap(([name, item]) => {
    const old = before.get(name)
    return old === undefined
      ? [changeOf([part, name], null, item)]
      : valueChanges([part, name], old, item)
  })
  const [oldOrder, newOrder] = [
    [...before.keys()].filter((name) => after.has(name)),
    [...after.keys()].filter((name) => before.has(name)),
  ]
  const order = isSame(oldOrder, newOrder) ? [] : [changeOf([part, 'order'], oldOrder, newOrder)]
  return [...removed, ...others, ...order]
}

const valueChanges = (
  path: readonly string[],
  before: FormValue,
  after: FormValue,
): readonly ConfigurationChange[] => {
  if (isSame(before, after)) return []
  if (!isForm(before) || !isForm(after)) return [changeOf(path, before, after)]
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].flatMap((key) => {
    const [old, now] = [before[key], after[key]]
    const at = [...path, key]
    if (old === undefined || now === undefined) return [changeOf(at, old ?? null, now ?? null)]
    return valueChanges(at, old, now)
  })
}

const changeOf = (
  path: readonly string[],
  before: FormValue | null,
  after: FormValue | null,
): ConfigurationChange => ({
  change: before === null ? 'added' : after === null ? 'removed' : 'changed',
  ...{ path, before, after },
})

const isList = (value: FormValue): value is readonly FormValue[] => Array.isArray(value)
const isForm = (value: FormValue): value is Form => typeof value === 'object' && !isList(value)
const isSame = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b)
