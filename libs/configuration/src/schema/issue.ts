import { z } from 'zod'
import { shown } from '../quantity/outcome.ts'
import { nearestTo } from '../source/nearest.ts'
import { foundText } from './field.ts'

// What zod finds wrong with the shape of a file, in our words. What is wrong with a single value, its field says itself.

type RawIssue = z.core.$ZodRawIssue

/** The message of an issue; for unknown keys one line a key, in the order of `keys`. */
export const issueMessage = (issue: RawIssue): string => {
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => unknownKey(key, keysOf(issue.inst))).join('\n')
    case 'invalid_type':
      return `${foundText(issue.input)}, expected ${shapes[issue.expected] ?? issue.expected}`
    case 'too_big':
      return `${Array.isArray(issue.input) ? issue.input.length : 'too many'} items, at most ${issue.maximum} are allowed`
    case 'invalid_union':
      return wrongKind(issue)
    case 'invalid_key':
      return issue.issues.map(({ message }) => message).join('; ')
    case 'invalid_format':
      return `${shown(issue.input)} is not of the form ${issue.pattern ?? issue.format}`
    default:
      return issue.message ?? `${foundText(issue.input)}, which is not allowed`
  }
}

const shapes: Readonly<Record<string, string>> = {
  object: 'a mapping',
  record: 'a mapping',
  array: 'a list',
}

const unknownKey = (key: string, known: readonly string[]): string => {
  const nearest = nearestTo(key, known)
  const allowed = `allowed are ${known.join(', ')}`
  return nearest === null
    ? `unknown key ${shown(key)}: ${allowed}`
    : `unknown key ${shown(key)}, did you mean ${nearest}? ${allowed}`
}

const keysOf = (schema: unknown): readonly string[] =>
  schema instanceof z.ZodObject ? Object.keys(schema.shape) : []

/** Of a rule, an objective, a fault: the key that says what it is, is missing or says something else. */
const wrongKind = (issue: z.core.$ZodRawIssue<z.core.$ZodIssueInvalidUnion>): string => {
  const kinds = (issue as { readonly options?: readonly unknown[] }).options?.map(String) ?? []
  const { discriminator: key = 'kind' } = issue as { readonly discriminator?: string }
  const kind = (issue.input as Readonly<Record<string, unknown>> | null | undefined)?.[key]
  if (kind === undefined) return `missing: expected one of ${kinds.join(', ')}`
  const nearest = typeof kind === 'string' ? nearestTo(kind, kinds) : null
  const hint = nearest === null ? '' : `, did you mean ${nearest}?`
  return `${foundText(kind)}, expected one of ${kinds.join(', ')}${hint}`
}
