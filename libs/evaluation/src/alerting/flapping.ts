/** Results that are remembered; one more than transitions. */
export const flapResults = 21
const transitions = flapResults - 1

/** The last results of a rule, the newest in the lowest bit, and how many there were (up to 21). */
export type FlapMemory = {
  readonly bits: number
  readonly results: number
  readonly flapping: boolean
}

export const noFlaps: FlapMemory = { bits: 0, results: 0, flapping: false }

// Weights rise from 0.8 for the oldest transition to 1.2 for the newest; times 190 they are the integers 152, 156 ... 228.
const oldestWeight = 152
const weightStep = 4
const startsAbove = 0.3 * 190 * transitions
const endsBelow = 0.2 * 190 * transitions

/**
 * Remembers one more result: begins above 30 % of weighted changes, ends below 20 %. Source: domain.md section 3, after Nagios.
 */
export const nextFlap = ({ bits, results, flapping }: FlapMemory, fires: boolean): FlapMemory => {
  const next = ((bits << 1) | (fires ? 1 : 0)) & (2 ** flapResults - 1)
  const known = Math.min(results + 1, flapResults)
  const weight = changeWeight(next, known)
  return {
    bits: next,
    results: known,
    flapping: flapping ? weight >= endsBelow : weight > startsAbove,
  }
}

/** Sum of the weights of the transitions at which the result changed. */
const changeWeight = (bits: number, results: number): number => {
  let weight = 0
  for (let age = 0; age < results - 1; age++)
    if (((bits >> age) & 1) !== ((bits >> (age + 1)) & 1))
      weight += oldestWeight + weightStep * (transitions - 1 - age)
  return weight
}
