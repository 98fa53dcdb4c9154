/** What is wrong with a file, and where. */
export type Fault = {
  /** From 1; 0 where it is about the file as a whole. */
  readonly line: number
  readonly column: number
  /** Of the value inside the file: `rules[2].when`; empty at its root. */
  readonly path: string
  /** What is wrong, which value, what was allowed. */
  readonly message: string
}

/** Faults of one file that are told; more than that no one reads. */
export const faultsMax = 1000

/** In the order of the file, each once, and no more than `faultsMax`: the last one then says how many there are. */
export const sortedFaults = (faults: readonly Fault[]): readonly Fault[] => {
  const sorted = faults.toSorted(
    (a, b) =>
      a.line - b.line ||
      a.column - b.column ||
      order(a.path, b.path) ||
      order(a.message, b.message),
  )
  const each = sorted.filter((fault, at) => at === 0 || !isSame(fault, sorted[at - 1]!))
  if (each.length <= faultsMax) return each
  const message = `${each.length - faultsMax + 1} more faults are not listed`
  return [...each.slice(0, faultsMax - 1), { ...each.at(-1)!, path: '', message }]
}

const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

const isSame = (a: Fault, b: Fault): boolean =>
  a.line === b.line && a.column === b.column && a.path === b.path && a.message === b.message

/** As compilers write it: `tidemark.yaml:12:5: rules[2].when: ...`, with a severity `tidemark.yaml:12:5: error: rules[2].when: ...`. */
export const faultText = (
  file: string,
  { line, column, path, message }: Fault,
  severity?: 'error' | 'warning',
): string => {
  const place = line === 0 ? file : `${file}:${line}:${column}`
  return [
    place,
    ...(severity === undefined ? [] : [severity]),
    ...(path === '' ? [] : [path]),
    message,
  ].join(': ')
}

/** `services.checkout.budget`, `rules[2].when`, `services["a.b"]`. */
export const pathText = (path: readonly PropertyKey[]): string =>
  path
    .map((key, at) => {
      if (typeof key === 'number') return `[${key}]`
      const text = String(key)
      if (!/^[A-Za-z0-9_/-]+$/.test(text)) return `[${JSON.stringify(text)}]`
      return at === 0 ? text : `.${text}`
    })
    .join('')
