declare const brand: unique symbol

/** A primitive that the compiler keeps apart from its neighbours. */
export type Brand<T, Name extends string> = T & { readonly [brand]: Name }

/** Ends a `switch` over a union: a forgotten case does not compile. */
export const unreachable = (value: never): never => {
  throw new TypeError(`unreachable: ${JSON.stringify(value)}`)
}

/** A programmer's mistake, never a user's: stops the process. */
export class InvariantError extends Error {
  readonly code = 'invariant'
  readonly retriable = false
}

/** States what must hold here; `what` names the invariant and the values it is about. */
export function invariant(holds: boolean, what: string): asserts holds {
  if (!holds) throw new InvariantError(what)
}
