// This folder is a program of its own. It shares no code with the project that it tests, so that one mistake is not made twice.

/** Random numbers in [0, 1) that a seed fixes (mulberry32). */
export const randomOf = (seed) => {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}

/** An integer of `from` to `to`, both included. */
export const integer = (random, from, to) => from + Math.floor(random() * (to - from + 1))

export const pick = (random, list) => list[integer(random, 0, list.length - 1)]

/** About normal: the sum of 12 uniform numbers has variance 1. */
export const bell = (random) => {
  let sum = -6
  for (let i = 0; i < 12; i++) sum += random()
  return sum
}

export const uuid = (random) => {
  const hex = (digits) =>
    Array.from({ length: digits }, () => integer(random, 0, 15).toString(16)).join('')
  return `${hex(8)}-${hex(4)}-7${hex(3)}-${pick(random, ['8', '9', 'a', 'b'])}${hex(3)}-${hex(12)}`
}
