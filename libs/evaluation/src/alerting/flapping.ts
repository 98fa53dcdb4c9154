/** Results that are looked at; one more than transitions. */
export const flapResults = 21
const transitions = flapResults - 1

/** The last results of a rule, the newest in the lowest bit. What came before the first counts as clear. */
export type FlapMemory = { readonly bits: number; readonly flapping: boolean }

/** Nothing but clear results. */
export const noFlaps: FlapMemory = { bits: 0, flapping: false }

// Weights rise from 0.8 for the oldest transition to 1.2 for the newest; times 190 they are the integers 152, 156 ... 228.
const oldestWeight = 152
const weightStep = 4
const startsAbove = (30 * 190 * transitions) / 100
const endsBelow = (20 * 190 * transitions) / 100

/**
 * Remembers one more result: begins above 30 % of weighted changes, ends below 20 %. The same memory where nothing changes. Source:
 * domain.md section 3, after Nagios.
 */
export const nextFlap = (memory: FlapMemory, fires: boolean): FlapMemory => {
  const bits = ((memory.bits << 1) | (fires ? 1 : 0)) & (2 ** flapResults - 1)
  const weight = changeWeight(bits)
  const flapping = memory.flapping ? weight >= endsBelow : weight > startsAbove
  return bits === memory.bits && flapping === memory.flapping ? memory : { bits, flapping }
}

/** Sum of the weights of the transitions at which the result changed. */
const changeWeight = (bits: number): number => {
  let weight = 0
  for (let age = 0; age < transitions; age++)
    if (((bits >> age) & 1) !== ((bits >> (age + 1)) & 1))
      weight += oldestWeight + weightStep * (transitions - 1 - age)
  return weight
}
