/** Work in lines: pieces of the same line follow one another, in the order in which they were handed in. */
export type Lines = {
  /** A piece that fails does not keep the next one from its turn. */
  readonly inLine: <T>(line: string, work: () => Promise<T>) => Promise<T>
  /** Resolves when all that was handed in has ended. */
  readonly ended: () => Promise<void>
}

export const openLines = (): Lines => {
  // Holds the lines in which somebody stands.
  const last = new Map<string, Promise<void>>()
  return {
    inLine: (line, work) => {
      const before = last.get(line) ?? Promise.resolve()
      const done = before.then(work)
      const settled = done.then(noted, noted)
      last.set(line, settled)
      void settled.then(() => {
        if (last.get(line) === settled) last.delete(line)
      })
      return done
    },
    ended: async () => {
      await Promise.all(last.values())
    },
  }
}

const noted = (): void => undefined
