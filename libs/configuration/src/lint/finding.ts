/** What lint has to say of a configuration. Errors refuse it, warnings are told. */
export type Finding = {
  readonly severity: 'error' | 'warning'
  /** The keys that lead there, as `tidemark.yaml` has them, items of lists by what names them. */
  readonly path: readonly string[]
  readonly message: string
}

export const error = (path: readonly string[], message: string): Finding => ({
  ...{ severity: 'error', path, message },
})

export const warning = (path: readonly string[], message: string): Finding => ({
  ...{ severity: 'warning', path, message },
})

export const errorIf = (
  isWrong: boolean,
  path: readonly string[],
  message: string,
): readonly Finding[] => (isWrong ? [error(path, message)] : [])

export const warningIf = (
  isOdd: boolean,
  path: readonly string[],
  message: string,
): readonly Finding[] => (isOdd ? [warning(path, message)] : [])
