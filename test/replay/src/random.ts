import { createHash } from 'node:crypto'

/** Numbers that a seed fixes. */
export type Random = {
  /** In [0, 1). */
  readonly share: () => number
  /** An integer of `from` to `to`, both included. */
  readonly integer: (from: number, to: number) => number
  readonly pick: <T>(values: readonly T[]) => T
  readonly bytes: (count: number) => Uint8Array
}

export const randomOf = (seed: number): Random => {
  let drawn = 0
  const next = (): Buffer => createHash('sha256').update(`${seed} ${drawn++}`).digest()
  const share = (): number => next().readUInt32BE() / 2 ** 32
  const integer = (from: number, to: number): number => from + Math.floor(share() * (to - from + 1))
  return {
    share,
    integer,
    pick: (values) => values[integer(0, values.length - 1)]!,
    // One draw is enough for what is refused for its length or content.
    bytes: (count) => new Uint8Array(next().subarray(0, count)),
  }
}
