import type { LogEvent } from './log-lines.ts'

/** Whether a process takes part in its processors, as the log tells. */
export type Memberships = {
  readonly note: (event: LogEvent) => void
  /** Why it does not in one of `count` processors; null: it does in all. */
  readonly absence: (count: number) => string | null
  /** Why it fell out of one and is not back yet; null: it did not. */
  readonly loss: () => string | null
}

type Membership =
  | { readonly kind: 'joined' }
  | { readonly kind: 'rebalancing' }
  | { readonly kind: 'lost'; readonly reason: string }

export const memberships = (): Memberships => {
  const known = new Map<string, Membership>()
  return {
    note: (event) => {
      switch (event.kind) {
        case 'joined':
          known.set(nameOf(event), { kind: 'joined' })
          return
        case 'rebalancing':
          known.set(nameOf(event), { kind: 'rebalancing' })
          return
        case 'membership-lost':
          known.set(nameOf(event), { kind: 'lost', reason: event.reason })
          return
        case 'left':
          known.delete(nameOf(event))
          return
        default:
      }
    },
    absence: (count) => {
      for (const [name, membership] of known)
        if (membership.kind !== 'joined') return `${name}: ${membership.kind}`
      return known.size < count ? `joined ${known.size} of ${count} processors` : null
    },
    loss: () => {
      for (const [name, membership] of known)
        if (membership.kind === 'lost') return `${name}: ${membership.reason}`
      return null
    },
  }
}

/** Kafka's group, or the processor on the embedded log. */
const nameOf = (
  event: Extract<LogEvent, { kind: 'joined' | 'rebalancing' | 'left' | 'membership-lost' }>,
): string => ('group' in event ? event.group : event.processor)
