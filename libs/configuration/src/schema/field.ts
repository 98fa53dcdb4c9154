import { z } from 'zod'
import { refused, shown, type Outcome } from '../quantity/outcome.ts'

/** What editors are told of a value, as JSON Schema. */
export type FieldSchema = {
  readonly type: 'string' | 'integer' | readonly ['string', 'number']
  readonly description: string
  readonly examples?: readonly (string | number)[]
  readonly enum?: readonly string[]
  readonly pattern?: string
  readonly minimum?: number
  readonly maximum?: number
}

type Field<T> = z.ZodPipe<z.ZodUnknown, z.ZodTransform<T>>

/** A value that `read` takes; `forms` says in words what it may be. */
export const field = <T>(
  schema: FieldSchema,
  forms: string,
  read: (value: unknown) => Outcome<T>,
): Field<T> =>
  z
    .unknown()
    .meta(schema as Record<string, unknown>)
    .transform((value, context) => {
      const outcome = value === undefined ? refused(`missing: expected ${forms}`) : read(value)
      if (outcome.ok) return outcome.value
      context.issues.push({ code: 'custom', message: outcome.fault, input: value })
      return z.NEVER
    })

/** A value that is written as text, or as a number of which the text counts. */
export const writtenField = <T>(
  schema: Omit<FieldSchema, 'type'>,
  forms: string,
  read: (text: string) => Outcome<T>,
): Field<T> =>
  field({ type: ['string', 'number'], ...schema }, forms, (value) => {
    if (typeof value === 'string') return read(value)
    if (typeof value === 'number') return read(String(value))
    return refused(`${foundText(value)}, expected ${forms}`)
  })

/** What stands where something else was expected. */
export const foundText = (value: unknown): string => {
  if (value === null) return 'found nothing'
  if (Array.isArray(value)) return 'found a list'
  if (typeof value === 'object') return 'found a mapping'
  return `found ${shown(value)}`
}
