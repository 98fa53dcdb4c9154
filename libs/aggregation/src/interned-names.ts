import { decodeUtf8, nameTable, type NameTable } from '@tidemark/wire'

/**
 * Names by number, each checked once, when it is first seen. It is a cache: where more than `capacity` names come together it is emptied,
 * and whoever keeps numbers forgets them.
 */
export type InternedNames = {
  readonly lookup: NameTable['lookup']
  readonly name: NameTable['name']
  /** The number of a name that `lookup` does not know, or -1 with `fault` saying why it is none. */
  readonly intern: (bytes: Uint8Array, start: number, end: number) => number
  readonly fault: string
  /** Makes sure that `count` names can come without emptying the table, and emptying it now if need be. */
  readonly makeRoom: (count: number) => void
}

/** Bounds the table at some 20 MB of the longest names. */
export const internedNamesMax = 65_536

export const internedNames = (
  field: string,
  faultOf: (name: string) => string | null,
  forget: () => void,
  hashSeed: number,
): InternedNames => {
  const table = nameTable(internedNamesMax, hashSeed)
  const names = {
    fault: '',
    lookup: table.lookup,
    name: table.name,
    intern: (bytes: Uint8Array, start: number, end: number): number => {
      const name = decodeUtf8(bytes, start, end)
      const fault = name === null ? `${field}: not UTF-8` : faultOf(name)
      if (name !== null && fault === null) return table.add(bytes, start, end, name)
      names.fault = fault ?? ''
      return -1
    },
    makeRoom: (count: number): void => {
      if (table.size() + count <= table.capacity) return
      table.clear()
      forget()
    },
  }
  return names
}
