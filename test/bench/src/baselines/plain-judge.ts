/**
 * What judging a window comes to without anything around it: per service the latest windows' latencies are merged in a plain array of slots,
 * four quantiles are read off, and good and bad events are added up. Frozen: no evidence, rules, statuses, alerts, bytes or recovery.
 */
export type PlainWindow = {
  readonly total: number
  readonly failed: number
  /** Slot and count, one after the other. */
  readonly slots: readonly number[]
}

export type PlainFigures = {
  readonly total: number
  readonly failed: number
  /** Slots of the median, the 95th, the 99th and the 99.9th percentile. */
  readonly quantiles: readonly number[]
}

const slotCount = 3072
const shares = [500, 950, 990, 999]

export const judgePlainly = (horizon: readonly PlainWindow[]): PlainFigures => {
  const merged = new Array<number>(slotCount).fill(0)
  let total = 0
  let failed = 0
  for (const window of horizon) {
    total += window.total
    failed += window.failed
    for (let i = 0; i < window.slots.length; i += 2)
      merged[window.slots[i]!]! += window.slots[i + 1]!
  }
  const quantiles: number[] = []
  let below = 0
  for (let slot = 0; slot < slotCount && quantiles.length < shares.length; slot++) {
    below += merged[slot]!
    while (
      quantiles.length < shares.length &&
      below >= Math.ceil((total * shares[quantiles.length]!) / 1000)
    )
      quantiles.push(slot)
  }
  return { total, failed, quantiles }
}
