/** Sign of `part / whole - ppm / 1,000,000`: exact for safe integers, also where a product leaves their range. */
export const compareRatio = (part: number, whole: number, ppm: number): -1 | 0 | 1 => {
  const left = part * million
  const right = ppm * whole
  if (Number.isSafeInteger(left) && Number.isSafeInteger(right)) return sign(left, right)
  return sign(BigInt(part) * BigInt(million), BigInt(ppm) * BigInt(whole))
}

const million = 1_000_000

const sign = <N extends number | bigint>(a: N, b: N): -1 | 0 | 1 => (a > b ? 1 : a < b ? -1 : 0)
