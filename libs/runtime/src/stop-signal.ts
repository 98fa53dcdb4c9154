/** The part of `process` that signals need. */
export type SignalSource = {
  readonly on: (signal: NodeJS.Signals, listener: () => void) => unknown
  readonly exit: (code: number) => never
}

const exitCodes = { SIGINT: 130, SIGTERM: 143 } as const

/** Aborts at the first SIGTERM or SIGINT, with its name as the reason; a second one ends the process at once. */
export const stopSignal = (source: SignalSource): AbortSignal => {
  const controller = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    source.on(signal, () => {
      if (controller.signal.aborted) source.exit(exitCodes[signal])
      controller.abort(signal)
    })
  return controller.signal
}
