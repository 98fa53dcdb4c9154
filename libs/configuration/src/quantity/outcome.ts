/** A value that was read, or why it was not. */
export type Outcome<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly fault: string }

export const accepted = <T>(value: T): Outcome<T> => ({ ok: true, value })
export const refused = (fault: string): Outcome<never> => ({ ok: false, fault })

/** A value as a message shows it: as it is written in JSON, and not too long. */
export const shown = (value: unknown): string => {
  const text = value === undefined ? 'nothing' : JSON.stringify(value)
  return text.length > shownMax ? `${text.slice(0, shownMax)}...` : text
}

const shownMax = 80
