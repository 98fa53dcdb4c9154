export const secondUs = 1_000_000
export const minuteUs = 60 * secondUs
export const hourUs = 60 * minuteUs
export const dayUs = 24 * hourUs

/** The calendar month in UTC that holds a time. */
export const monthOf = (atUs: number): { readonly fromUs: number; readonly toUs: number } => {
  const at = new Date(Math.floor(atUs / 1000))
  const [year, month] = [at.getUTCFullYear(), at.getUTCMonth()]
  return { fromUs: Date.UTC(year, month) * 1000, toUs: Date.UTC(year, month + 1) * 1000 }
}
