import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Node,
  type Scalar,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml'
import { shown } from '../quantity/outcome.ts'
import type { Place } from './place.ts'

/** Values of one document, those that aliases repeat counted again; what makes a small file large. */
export const valuesMax = 1_000_000
const depthMax = 50

export type Walked = {
  readonly value: unknown
  readonly place: Place
  readonly faults: readonly WalkFault[]
}

export type WalkFault = {
  readonly at: number
  readonly path: readonly PropertyKey[]
  readonly message: string
}

type Located = { readonly value: unknown; readonly place: Place }

type Walk = {
  readonly faults: WalkFault[]
  /** Nodes by the anchors in front of them; null while the anchored node itself is being read. */
  readonly anchors: Map<string, Node | null>
  values: number
}

/** Plain values of a document and where each stands. Duplicate keys, aliases that expand too far and nesting too deep are faults. */
export const walk = (contents: Node | null): Walked => {
  const state: Walk = { faults: [], anchors: new Map(), values: 0 }
  const { value, place } = located(state, contents, [], startOf(contents))
  return { value, place, faults: state.faults }
}

const nothing = (at: number): Located => ({
  value: null,
  place: { at, keyAt: at, children: new Map() },
})

const located = (
  state: Walk,
  node: Node | null,
  path: readonly PropertyKey[],
  keyAt: number,
): Located => {
  const at = node === null ? keyAt : startOf(node)
  const wrong = (message: string): Located => {
    state.faults.push({ at, path, message })
    return nothing(at)
  }
  if (path.length > depthMax) return wrong(`nested more than ${depthMax} deep`)
  if (++state.values > valuesMax) {
    if (state.values > valuesMax + 1) return nothing(at)
    return wrong(`more than ${valuesMax} values, those that aliases repeat among them`)
  }
  if (isAlias(node)) {
    const target = state.anchors.get(node.source)
    if (target === undefined) return wrong(`*${node.source}: no anchor of this name before it`)
    if (target === null) return wrong(`*${node.source}: inside of what it stands for`)
    const { value, place } = located(state, target, path, keyAt)
    return { value, place: { ...place, keyAt } }
  }
  const anchor = node !== null && 'anchor' in node ? node.anchor : undefined
  if (anchor !== undefined) state.anchors.set(anchor, null)
  const result = content(state, node, path, at, keyAt)
  if (anchor !== undefined) state.anchors.set(anchor, node)
  return result
}

const content = (
  state: Walk,
  node: Node | null,
  path: readonly PropertyKey[],
  at: number,
  keyAt: number,
): Located => {
  if (isMap(node)) return mapping(state, node, path, at, keyAt)
  if (isSeq(node)) return sequence(state, node, path, at, keyAt)
  const value = isScalar(node) ? scalar(node) : null
  return { value, place: { at, keyAt, children: new Map() } }
}

const mapping = (
  state: Walk,
  node: YAMLMap,
  path: readonly PropertyKey[],
  at: number,
  keyAt: number,
): Located => {
  const value = Object.create(null) as Record<string, unknown>
  const children = new Map<string, Place>()
  for (const { key: keyNode, value: valueNode } of node.items) {
    const key = isScalar(keyNode) ? String(keyNode.value) : ''
    const childPath = [...path, key]
    const childKeyAt = startOf(keyNode)
    const wrong = (message: string): void => {
      state.faults.push({ at: childKeyAt, path: childPath, message })
    }
    if (!isScalar(keyNode)) wrong('a key that is no text')
    else if (key === '__proto__') wrong('a key that is not allowed')
    else if (children.has(key)) wrong(`the key ${shown(key)} is there twice`)
    else {
      const child = located(state, valueNode as Node | null, childPath, childKeyAt)
      value[key] = child.value
      children.set(key, child.place)
    }
  }
  return { value, place: { at, keyAt, children } }
}

const sequence = (
  state: Walk,
  node: YAMLSeq,
  path: readonly PropertyKey[],
  at: number,
  keyAt: number,
): Located => {
  const children = new Map<number, Place>()
  const value = node.items.map((item, index) => {
    const itemNode = item as Node | null
    const child = located(
      state,
      itemNode,
      [...path, index],
      itemNode === null ? at : startOf(itemNode),
    )
    children.set(index, child.place)
    return child.value
  })
  return { value, place: { at, keyAt, children } }
}

/**
 * Numbers stay what was written: as a number where JavaScript writes it alike, else as that text, so that neither `0.9950000000000000001`
 * nor the version `1.10` loses anything.
 */
const scalar = ({ value, source }: Scalar): unknown =>
  typeof value === 'number' && String(value) !== source ? (source ?? String(value)) : value

const startOf = (node: unknown): number => {
  const range = (node as { readonly range?: readonly number[] | null } | null)?.range
  return range?.[0] ?? 0
}
