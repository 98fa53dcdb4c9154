/** Lehmer's generator, numbers in (0, 1): the same data for the same seed everywhere. */
export type Random = () => number

export const randomOf = (seed: number): Random => {
  let state = (Math.trunc(seed) % 2_147_483_646) + 1
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647
}

/** Log-normal with a median of 20 ms, in microseconds: the latencies of all benches but those about latencies. */
export const latencyUs = (random: Random): number => {
  const normal = Math.sqrt(-2 * Math.log(random())) * Math.cos(2 * Math.PI * random())
  return Math.max(1, Math.round(20_000 * Math.exp(0.8 * normal)))
}

export const uuid = (random: Random): string => {
  const hex = (): string =>
    Math.floor(random() * 0x1_0000_0000)
      .toString(16)
      .padStart(8, '0')
  const [a, b, c, d] = [hex(), hex(), hex(), hex()]
  return `${a}-${b.slice(0, 4)}-${b.slice(4)}-${c.slice(0, 4)}-${c.slice(4)}${d}`
}
