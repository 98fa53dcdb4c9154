import { canonicalJson, layoutFaults, layoutId, type Id, type Layout } from '@tidemark/model'
import { encodeUtf8 } from '@tidemark/wire'
import { decode, encode } from './codec.ts'
import { layoutShapeFault } from './layout-shape.ts'

/** A record of `catalog` that is not a layout, or not one that this version understands. */
export class LayoutRecordError extends Error {
  readonly code = 'layout_record'
  readonly retriable = false
}

/** The first record of `catalog`. */
export const layoutRecord = (
  layout: Layout,
): { readonly key: Uint8Array; readonly value: Uint8Array } => ({
  key: encodeUtf8('layout'),
  value: encode({
    type: 'LayoutProvisioned',
    layoutId: layoutId(layout),
    layout: canonicalJson(layout),
  }),
})

/** The layout in the value of that record. LayoutRecordError where it is damaged, unusable or not canonical. */
export const readLayout = (value: Uint8Array): Layout => {
  const decoded = decode(value)
  if (!decoded.ok) throw new LayoutRecordError(`layout: ${decoded.reason}: ${decoded.detail}`)
  if (decoded.event.type !== 'LayoutProvisioned')
    throw new LayoutRecordError(`layout: a ${decoded.event.type} stands in its place`)
  const { layout: text, layoutId: id } = decoded.event
  const layout = parse(text)
  const fault = layoutShapeFault(layout)
  if (fault !== null) throw new LayoutRecordError(`layout${fault}`)
  return soundLayout(layout as Layout, id, text)
}

const soundLayout = (layout: Layout, id: Id, text: string): Layout => {
  const faults = layoutFaults(layout)
  if (faults.length > 0) throw new LayoutRecordError(`layout: ${faults.join('; ')}`)
  if (canonicalJson(layout) !== text) throw new LayoutRecordError('layout: not canonical JSON')
  if (layoutId(layout) !== id)
    throw new LayoutRecordError(`layout: its id is ${layoutId(layout)}, the record says ${id}`)
  return layout
}

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new LayoutRecordError(`layout: ${error instanceof Error ? error.message : 'no JSON'}`)
  }
}
