/** Kinds of requests that faults may name, with their number in the protocol. */
export const requestKinds = {
  Produce: 0,
  Fetch: 1,
  FindCoordinator: 10,
  JoinGroup: 11,
  Heartbeat: 12,
  InitProducerId: 22,
  AddPartitionsToTxn: 24,
  EndTxn: 26,
  TxnOffsetCommit: 28,
} as const
export type RequestKind = keyof typeof requestKinds

/**
 * What happens to one request. The broker hears of it at once in all cases but `hold request`: that one, and what follows on its
 * connection, reaches the broker late, even where the client has gone meanwhile.
 */
export const actions = ['drop answer', 'delay answer', 'hold request', 'cut'] as const
export type Action = (typeof actions)[number]

export type Fault = {
  readonly action: Action
  readonly request: RequestKind
  /** Beginning of the client id. */
  readonly from: string
  /** How long an answer is delayed or a request held. */
  readonly ms: number
}

export type Injection = {
  readonly fault: Fault
  /** Resolves when a request has met it. */
  readonly hit: Promise<void>
  /** Takes it back where nothing has met it. */
  readonly withdraw: () => void
}

/** Faults that wait for a request. Each meets one. */
export type Faults = {
  readonly inject: (fault: Fault) => Injection
  /** The first one that waits for such a request. */
  readonly meet: (apiKey: number, clientId: string) => Fault | null
  /** To be told when a fault has taken effect. */
  readonly struck: (fault: Fault) => void
}

export const faults = (): Faults => {
  const waiting = new Set<Fault>()
  const strikes = new Map<Fault, () => void>()
  return {
    inject: (named) => {
      const fault = { ...named }
      waiting.add(fault)
      const hit = new Promise<void>((resolve) => strikes.set(fault, resolve))
      const withdraw = (): void => {
        waiting.delete(fault)
      }
      return { fault, hit, withdraw }
    },
    meet: (apiKey, clientId) => {
      for (const fault of waiting) {
        if (requestKinds[fault.request] !== apiKey || !clientId.startsWith(fault.from)) continue
        waiting.delete(fault)
        return fault
      }
      return null
    },
    struck: (fault) => {
      strikes.get(fault)?.()
      strikes.delete(fault)
    },
  }
}
