/** Where a value stands in a file, as offsets from its beginning. */
export type Place = {
  readonly at: number
  /** Of its key, where it has one. */
  readonly keyAt: number
  readonly children: ReadonlyMap<string | number, Place>
}

/** Offset of the value at `path`, or of the nearest value around it that is there. */
export const offsetOf = (root: Place, path: readonly PropertyKey[]): number => {
  let place = root
  for (const key of path) {
    const child = place.children.get(typeof key === 'number' ? key : String(key))
    if (child === undefined) return place.keyAt
    place = child
  }
  return place.at
}

/** The same for its key. */
export const keyOffsetOf = (root: Place, path: readonly PropertyKey[]): number => {
  const parent = placeOf(root, path.slice(0, -1))
  const key = path.at(-1)
  const child = parent?.children.get(typeof key === 'number' ? key : String(key))
  return child === undefined ? offsetOf(root, path) : child.keyAt
}

const placeOf = (root: Place, path: readonly PropertyKey[]): Place | undefined => {
  let place: Place | undefined = root
  for (const key of path) place = place?.children.get(typeof key === 'number' ? key : String(key))
  return place
}
