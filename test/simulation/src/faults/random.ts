/** Draws of one purpose of one seed: a seed has several, so that one draw more here changes nothing there. */
export type Draws = {
  /** In [0, 1). */
  readonly unit: () => number
  readonly chance: (probability: number) => boolean
  /** An integer of `low` to `high`, both included. */
  readonly between: (low: number, high: number) => number
  readonly pick: <T>(choices: readonly T[]) => T
  readonly uuid: () => string
}

/** The generator is sfc32 (Chris Doty-Humphrey, PractRand), its state a hash (FNV-1a) of seed and purpose. */
export const draws = (seed: number, purpose: string): Draws => {
  let [a, b, c, counter] = [fnv(`${seed} a ${purpose}`), fnv(`${seed} b ${purpose}`), seed | 0, 1]
  const word = (): number => {
    const sum = (((a + b) | 0) + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (((c << 21) | (c >>> 11)) + sum) | 0
    return sum >>> 0
  }
  // The first words of neighbouring seeds are alike.
  for (let i = 0; i < 12; i++) word()
  const unit = (): number => word() / 0x1_0000_0000
  const between = (low: number, high: number): number => low + Math.floor(unit() * (high - low + 1))
  const hex = (): string => word().toString(16).padStart(8, '0')
  return {
    unit,
    chance: (probability) => unit() < probability,
    between,
    pick: (choices) => choices[between(0, choices.length - 1)]!,
    uuid: () => {
      const [first, second, third, fourth] = [hex(), hex(), hex(), hex()]
      return `${first}-${second.slice(0, 4)}-4${second.slice(5)}-8${third.slice(1, 4)}-${third.slice(4)}${fourth}`
    },
  }
}

const fnv = (text: string): number => {
  let hash = 0x811c_9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x0100_0193)
  return hash
}
