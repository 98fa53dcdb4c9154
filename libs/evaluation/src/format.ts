// Figures for people, computed in integers so that they are the same everywhere.

/** One decimal, rounded half up: `12.4%`. */
export const percentText = (part: number, whole: number): string => {
  const tenths = (BigInt(part) * 2000n + BigInt(whole)) / (BigInt(whole) * 2n)
  return `${tenths / 10n}.${tenths % 10n}%`
}

/** Parts per million as a percentage with as many decimals as it has: `5%`, `99.95%`. */
export const ppmText = (ppm: number): string => {
  const whole = Math.floor(ppm / 10_000)
  const decimals = String(ppm % 10_000)
    .padStart(4, '0')
    .replace(/0+$/, '')
  return decimals === '' ? `${whole}%` : `${whole}.${decimals}%`
}

/** Whole milliseconds from 10 ms, one decimal below, rounded half up: `1180ms`, `2.3ms`. */
export const latencyText = (us: number): string => {
  const tenths = Math.floor((us + 50) / 100)
  return tenths < 100
    ? `${Math.floor(tenths / 10)}.${tenths % 10}ms`
    : `${Math.floor((us + 500) / 1000)}ms`
}

/** In the largest unit that needs no fraction: `90s`, `1m`, `24h`. */
export const durationText = (us: number): string => {
  const unit = units.find(([, sizeUs]) => us >= sizeUs && us % sizeUs === 0)
  return unit === undefined ? `${us}us` : `${us / unit[1]}${unit[0]}`
}

const units = [
  ['h', 3_600_000_000],
  ['m', 60_000_000],
  ['s', 1_000_000],
  ['ms', 1000],
] as const
