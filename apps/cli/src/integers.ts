import { UsageError } from './context.ts'

/** An integer option between bounds. */
export const integerIn = (option: string, text: string, min: number, max: number): number => {
  const value = Number(text)
  if (!/^-?\d{1,15}$/.test(text) || value < min || value > max)
    throw new UsageError(`${option}: ${JSON.stringify(text)} is not an integer of ${min} to ${max}`)
  return value
}
