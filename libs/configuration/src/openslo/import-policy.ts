import type { Severity } from '@tidemark/model'
import type { Form, FormValue } from '../file-form.ts'
import { decimalOf } from '../quantity/decimal.ts'
import { durationTextOf } from '../quantity/duration.ts'
import { ratioText } from '../quantity/ratio.ts'
import { readYaml } from '../source/yaml-source.ts'
import { annotation } from './annotations.ts'
import { openSloDocument, type OpenSloDocument } from './documents.ts'
import { at, isTrue, listOf, spanUsOf, textOf } from './lenient.ts'

/** A policy and the objectives that name it. */
export type PolicyUse = {
  readonly policy: OpenSloDocument
  readonly sloIds: readonly string[]
  /** Of the first of them, in microseconds. */
  readonly periodUs: number
}

export type ImportedRule = { readonly rule: Form | null; readonly notes: readonly string[] }

/** A policy as a rule on burn rates: all its pairs where Tidemark wrote it, else one for each condition. */
export const importPolicy = (
  { policy, sloIds, periodUs }: PolicyUse,
  conditions: ReadonlyMap<string, OpenSloDocument>,
): ImportedRule => {
  const notes: string[] = []
  const note = (text: string): void => void notes.push(`AlertPolicy ${policy.name}: ${text}`)
  const { spec, annotations } = policy
  if (isTrue(at(spec, 'alertWhenNoData')))
    note('an alert on missing data is a rule of the kind absence: left out')
  if (textOf(at(spec, 'alertWhenResolved')) === 'false')
    note('what is resolved is told in any case')
  for (const target of listOf(at(spec, 'notificationTargets')))
    note(
      `whom to tell (${textOf(at(target, 'targetRef')) ?? 'a target'}) is no part of a configuration`,
    )
  const found = listOf(at(spec, 'conditions')).flatMap((condition): readonly OpenSloDocument[] => {
    const ref = textOf(at(condition, 'conditionRef'))
    if (ref === null) return [openSloDocument(condition)]
    const known = conditions.get(ref)
    if (known === undefined) note(`the condition ${ref} is in none of the files: left out`)
    return known === undefined ? [] : [known]
  })
  const written = windowsIn(textOf(annotations[annotation.windows]))
  const windows =
    written ?? found.flatMap((condition) => windowForm(condition, periodUs, note) ?? [])
  if (windows.length === 0) {
    note('no condition that can be expressed: left out')
    return { rule: null, notes }
  }
  const after = spanUsOf(textOf(at(found[0]?.spec, 'condition', 'alertAfter'))) ?? 0
  const isEvery = isTrue(annotations[annotation.every])
  return {
    rule: {
      id: textOf(annotations[annotation.id]) ?? policy.name,
      kind: 'burn-rate',
      ...(isEvery ? {} : { slos: [...new Set(sloIds)] }),
      windows,
      ...(after === 0 ? {} : { for: durationTextOf(after) }),
    },
    notes,
  }
}

type Note = (text: string) => void

/** The pairs that stand in the annotation. */
const windowsIn = (text: string | null): readonly FormValue[] | null => {
  if (text === null) return null
  const value = readYaml(new TextEncoder().encode(text)).documents[0]?.value
  return Array.isArray(value) ? (JSON.parse(JSON.stringify(value)) as readonly FormValue[]) : null
}

const minuteUs = 60_000_000

/** One window and a factor as a pair: the short window is a twelfth, the budget what a burn at the factor spends. */
const windowForm = ({ name, spec }: OpenSloDocument, periodUs: number, note: Note): Form | null => {
  const condition = at(spec, 'condition')
  const kind = textOf(at(condition, 'kind')) ?? 'burnrate'
  const factor = decimalOf(textOf(at(condition, 'threshold')) ?? '')
  const longUs = spanUsOf(textOf(at(condition, 'lookbackWindow')))
  if (kind !== 'burnrate' || factor === null || longUs === null || longUs < 2 * minuteUs) {
    note(`the condition ${name} has no burn rate over a window of 2m or more: left out`)
    return null
  }
  const op = textOf(at(condition, 'op')) ?? 'gte'
  if (op === 'lte' || op === 'lt')
    note(`the condition ${name} says ${op}; read as above its threshold`)
  const shortUs = Math.max(minuteUs, Math.floor(longUs / 12 / minuteUs) * minuteUs)
  note(
    `the condition ${name} has one window, ${durationTextOf(longUs)}; the short one beside it is ${durationTextOf(shortUs)}`,
  )
  // budget = factor x long / period, to the nearest part per million.
  const share = factor.digits * BigInt(longUs) * 1_000_000n
  const whole = BigInt(periodUs) * 10n ** BigInt(factor.decimals)
  const budgetPpm = Number((share * 2n + whole) / (whole * 2n))
  return {
    severity: severityOf(textOf(at(spec, 'severity')), name, note),
    ...{ long: durationTextOf(longUs), short: durationTextOf(shortUs) },
    budget: ratioText(budgetPpm),
  }
}

const severityNames: Readonly<Record<string, Severity>> = {
  ...{ page: 'page', sev1: 'page', p1: 'page', high: 'page' },
  ...{ critical: 'critical', sev2: 'critical', p2: 'critical' },
  ...{ warning: 'warning', warn: 'warning', ticket: 'warning', low: 'warning', info: 'warning' },
}

const severityOf = (text: string | null, name: string, note: Note): Severity => {
  const known = severityNames[text?.toLowerCase() ?? '']
  if (known === undefined)
    note(`the condition ${name} has the severity ${text ?? '(none)'}: taken for warning`)
  return known ?? 'warning'
}
