/** Runs one piece of work after the other, in the order of asking; how one ends is no matter of the next. */
export type Turns = <T>(work: () => Promise<T>) => Promise<T>

export const takingTurns = (): Turns => {
  let last: Promise<unknown> = Promise.resolve()
  return <T>(work: () => Promise<T>): Promise<T> => {
    const mine = last.then(work)
    last = mine.catch(() => undefined)
    return mine
  }
}
