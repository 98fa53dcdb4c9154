import {
  accepted,
  decimalOf,
  durationForms,
  durationOf,
  refused,
  shown,
  writtenField,
  type FieldSchema,
} from '@tidemark/configuration'

// The kinds of values that only scenarios have.

type Described = Omit<FieldSchema, 'type'>

const rateForms = 'so many in a second, minute or hour, like 4/s, 0.5/s, 6/m or 90/h'
const perUnit = { s: 1, m: 60, h: 3600 } as const
const perSecondMax = 10_000

/** In requests per second. */
export const rate = (schema: Described) =>
  writtenField({ examples: ['4/s', '6/m'], ...schema }, rateForms, (text) => {
    const [, number = '', unit] = /^(\d{1,9}(?:\.\d{1,9})?)\/([smh])$/.exec(text) ?? []
    if (unit === undefined) return refused(`${shown(text)} is not ${rateForms}`)
    const perSecond = Number(number) / perUnit[unit as keyof typeof perUnit]
    return perSecond > 0 && perSecond <= perSecondMax
      ? accepted(perSecond)
      : refused(`${shown(text)} is not above 0 and up to ${perSecondMax}/s`)
  })

/** A number between bounds, both included. */
export const number = (min: number, max: number, schema: Described) => {
  const forms = `a number of ${min} to ${max}`
  return writtenField({ minimum: min, maximum: max, ...schema }, forms, (text) => {
    const value = decimalOf(text) === null ? NaN : Number(text)
    return value >= min && value <= max
      ? accepted(value)
      : refused(`${shown(text)} is not ${forms}`)
  })
}

const skewForms = `${durationForms}, with a minus in front where the clock is behind`

/** In microseconds, negative where it is behind. */
export const skew = (schema: Described) =>
  writtenField({ examples: ['90s', '-3s'], ...schema }, skewForms, (text) => {
    const isBehind = text.startsWith('-')
    const outcome = durationOf(isBehind ? text.slice(1) : text)
    if (!outcome.ok) return refused(`${shown(text)} is not ${skewForms}`)
    return accepted(isBehind ? -outcome.value : outcome.value)
  })
