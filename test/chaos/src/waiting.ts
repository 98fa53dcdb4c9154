import { setTimeout } from 'node:timers/promises'

const lookMs = 50

/** Waits for a condition; false when it did not come true in time. */
export const within = async (
  ms: number,
  condition: () => boolean | Promise<boolean>,
): Promise<boolean> => {
  const endMs = performance.now() + ms
  while (performance.now() < endMs) {
    if (await condition()) return true
    await setTimeout(lookMs)
  }
  return false
}
