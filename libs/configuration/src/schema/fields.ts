import { configurationMax, idPattern, MatcherError, parseMatchers } from '@tidemark/evaluation'
import { textFault, utf8Length, type Matcher, type Severity, severities } from '@tidemark/model'
import { durationForms, durationOf } from '../quantity/duration.ts'
import { instantForms, instantOf } from '../quantity/instant.ts'
import { accepted, refused, shown, type Outcome } from '../quantity/outcome.ts'
import { ratioForms, ratioOf } from '../quantity/ratio.ts'
import { nearestTo } from '../source/nearest.ts'
import { field, foundText, writtenField, type FieldSchema } from './field.ts'

// The kinds of values of a configuration. What they give is what libs/model holds: integers of microseconds and parts per million.

type Described = Omit<FieldSchema, 'type'>

/** Text of one line; a number counts as what is written. */
export const text = (schema: Described) =>
  writtenField(schema, 'text', (value) => {
    if (value === '') return refused('empty: leave it out, or give some text')
    const fault = textFault('text', value, configurationMax.textBytes)
    return fault === null ? accepted(value) : refused(fault)
  })

export const idForms = `1 to ${configurationMax.idLength} characters of [A-Za-z0-9._-], the first a letter or digit`

/** What names a rule, an objective, a silence. */
export const id = (schema: Described) =>
  writtenField({ pattern: idPattern.source, ...schema }, idForms, (value) =>
    idPattern.test(value) ? accepted(value) : refused(`${shown(value)} is not ${idForms}`),
  )

export const integer = (min: number, max: number, schema: Described) => {
  const forms = `a whole number of ${min} to ${max}`
  return field({ type: 'integer', minimum: min, maximum: max, ...schema }, forms, (value) =>
    typeof value === 'number' && Number.isSafeInteger(value) && value >= min && value <= max
      ? accepted(value)
      : refused(`${foundText(value)}, expected ${forms}`),
  )
}

export const oneOf = <T extends string>(values: readonly T[], schema: Described) => {
  const forms = `one of ${values.join(', ')}`
  return field({ type: 'string', enum: values, ...schema }, forms, (value): Outcome<T> => {
    const known = values.find((each) => each === value)
    if (known !== undefined) return accepted(known)
    const nearest = typeof value === 'string' ? nearestTo(value, values) : null
    const hint = nearest === null ? '' : `, did you mean ${nearest}?`
    return refused(`${foundText(value)}, expected ${forms}${hint}`)
  })
}

export const severity = (schema: Described) => oneOf<Severity>(severities, schema)

export const ratio = (schema: Described) =>
  writtenField({ examples: ['99.5%', 0.995], ...schema }, ratioForms, ratioOf)

/** In microseconds. */
export const duration = (schema: Described) =>
  writtenField({ examples: ['1m30s'], ...schema }, durationForms, durationOf)

/** In microseconds since 1970. */
export const instant = (schema: Described) =>
  field({ type: 'string', examples: ['2026-11-21T03:00:00Z'], ...schema }, instantForms, (value) =>
    typeof value === 'string'
      ? instantOf(value)
      : refused(`${foundText(value)}, expected ${instantForms}`),
  )

const matcherForms = 'matchers like service="checkout", severity=~"page|critical"'

export const matchers = (schema: Described) =>
  field<readonly Matcher[]>(
    { type: 'string', examples: ['service="checkout", severity=~"page|critical"'], ...schema },
    matcherForms,
    (value) => {
      if (typeof value !== 'string') return refused(`${foundText(value)}, expected ${matcherForms}`)
      try {
        const parsed = parseMatchers(value)
        const fault = parsed.map((matcher) => matcherFault(matcher)).find((each) => each !== null)
        return fault === undefined ? accepted(parsed) : refused(fault)
      } catch (error) {
        if (error instanceof MatcherError) return refused(error.message)
        throw error
      }
    },
  )

const matcherFault = ({ label, value }: Matcher): string | null => {
  if (utf8Length(label) > configurationMax.idLength)
    return `label ${shown(label)}: longer than ${configurationMax.idLength} bytes`
  return textFault(`value of ${label}`, value, configurationMax.textBytes)
}
