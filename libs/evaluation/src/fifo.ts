/** First in, first out; owned and changed by whoever made it. */
export type Fifo<T> = { items: T[]; head: number }

export const fifoOf = <T>(items: readonly T[]): Fifo<T> => ({ items: [...items], head: 0 })

export const push = <T>(fifo: Fifo<T>, item: T): void => {
  fifo.items.push(item)
}

export const first = <T>(fifo: Fifo<T>): T | null => fifo.items[fifo.head] ?? null

export const last = <T>(fifo: Fifo<T>): T | null =>
  fifo.head < fifo.items.length ? (fifo.items.at(-1) as T) : null

/** Only where there is one. */
export const replaceLast = <T>(fifo: Fifo<T>, item: T): void => {
  fifo.items[fifo.items.length - 1] = item
}

/** Drops items from the front as long as `isPast` says so. */
export const dropWhile = <T>(fifo: Fifo<T>, isPast: (item: T) => boolean): void => {
  while (fifo.head < fifo.items.length && isPast(fifo.items[fifo.head] as T)) fifo.head++
  // Moving the rest only when it is the lesser half keeps the cost of a drop constant.
  if (fifo.head * 2 > fifo.items.length) {
    fifo.items = fifo.items.slice(fifo.head)
    fifo.head = 0
  }
}

export const itemsOf = <T>(fifo: Fifo<T>): readonly T[] => fifo.items.slice(fifo.head)
