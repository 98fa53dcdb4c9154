/**
 * Merges sources that are sorted by `keyOf` into one that is; of equal keys the earlier source comes first. Holds one item of each
 * source.
 */
export function* mergeSorted<T>(
  sources: readonly Iterable<T>[],
  keyOf: (item: T) => number,
): Generator<T> {
  const heap: Head<T>[] = []
  const iterators = sources.map((source) => source[Symbol.iterator]())
  try {
    for (const [source, iterator] of iterators.entries()) {
      const next = iterator.next()
      if (next.done !== true) raise(heap, { item: next.value, key: keyOf(next.value), source })
    }
    for (let head = heap[0]; head !== undefined; head = heap[0]) {
      yield head.item
      const next = iterators[head.source]!.next()
      if (next.done !== true)
        sink(heap, { item: next.value, key: keyOf(next.value), source: head.source })
      else {
        const last = heap.pop()!
        if (heap.length > 0) sink(heap, last)
      }
    }
  } finally {
    for (const iterator of iterators) iterator.return?.()
  }
}

/** The next item of a source, in a binary heap with the least one at 0. */
type Head<T> = { readonly item: T; readonly key: number; readonly source: number }

const precedes = (a: Head<unknown>, b: Head<unknown>): boolean =>
  a.key === b.key ? a.source < b.source : a.key < b.key

/** Adds `head` at the end and moves it up to its place. */
const raise = <T>(heap: Head<T>[], head: Head<T>): void => {
  let at = heap.length
  while (at > 0) {
    const parent = (at - 1) >> 1
    if (!precedes(head, heap[parent]!)) break
    heap[at] = heap[parent]!
    at = parent
  }
  heap[at] = head
}

/** Puts `head` in the place of the least one and moves it down to its own. */
const sink = <T>(heap: Head<T>[], head: Head<T>): void => {
  let at = 0
  for (;;) {
    let child = at * 2 + 1
    if (child >= heap.length) break
    if (child + 1 < heap.length && precedes(heap[child + 1]!, heap[child]!)) child++
    if (!precedes(heap[child]!, head)) break
    heap[at] = heap[child]!
    at = child
  }
  heap[at] = head
}
