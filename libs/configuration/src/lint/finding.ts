import type { Fault } from '../source/fault.ts'

/** What lint has to say of a configuration. Errors refuse it, warnings are told. */
export type Finding = {
  readonly severity: 'error' | 'warning'
  /** The keys that lead there, as `tidemark.yaml` has them, items of lists by what names them. */
  readonly path: readonly string[]
  /** Where else it could be mended: told of where a file says nothing of the first. */
  readonly otherPath?: readonly string[]
  readonly message: string
}

/** Where a file says what a finding is about. */
export const findingFault = (
  { path, otherPath, message }: Finding,
  faultAt: (path: readonly string[], message: string) => Fault,
): Fault => {
  const fault = faultAt(path, message)
  return fault.line === 0 && otherPath !== undefined ? faultAt(otherPath, message) : fault
}

export const error = (
  path: readonly string[],
  message: string,
  otherPath?: readonly string[],
): Finding => ({
  ...{ severity: 'error', path, message },
  ...(otherPath !== undefined && { otherPath }),
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
