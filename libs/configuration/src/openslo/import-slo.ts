import type { Form } from '../file-form.ts'
import { decimalOf, inUnits } from '../quantity/decimal.ts'
import { ratioText } from '../quantity/ratio.ts'
import { annotation } from './annotations.ts'
import { openSloDocument, type OpenSloDocument } from './documents.ts'
import { at, isTrue, listOf, spanUsOf, textOf } from './lenient.ts'

/** Objectives of one document, as `tidemark.yaml` has them, and what of it could not be expressed. */
export type ImportedSlos = { readonly slos: readonly Form[]; readonly notes: readonly string[] }

const dayUs = 86_400_000_000
const periodDaysMax = 31

export const importSlo = (
  document: OpenSloDocument,
  indicators: ReadonlyMap<string, OpenSloDocument>,
): ImportedSlos => {
  const notes: string[] = []
  const note = (text: string): void => void notes.push(`SLO ${document.name}: ${text}`)
  const { spec, annotations, name } = document
  const objectives = listOf(at(spec, 'objectives'))
  if (objectives.length === 0) note('no objectives')
  const method = textOf(at(spec, 'budgetingMethod')) ?? 'Occurrences'
  if (method !== 'Occurrences')
    note(`budgeting by ${method} cannot be expressed: events are counted as they occur`)
  const period = periodForm(listOf(at(spec, 'timeWindow'))[0], note)
  const isEvery = isTrue(annotations[annotation.every])
  const service = textOf(annotations[annotation.service]) ?? textOf(at(spec, 'service'))
  if (service === null && !isEvery) note('no service: it counts for every registered service')
  const slos = objectives.flatMap((objective, index): readonly Form[] => {
    const target = targetText(objective, note)
    const indicator = indicatorOf(spec, objective, indicators, note)
    const own = indicator === null ? null : indicatorForm(document, indicator, objective, note)
    if (target === null || own === null) return []
    if (at(objective, 'compositeWeight') !== undefined)
      note('weights of a composite cannot be expressed: its objectives stand beside each other')
    const id = textOf(annotations[annotation.id]) ?? name
    return [
      {
        id: objectives.length === 1 ? id : `${id}-${index + 1}`,
        kind: own.kind,
        ...(isEvery || service === null ? {} : { service }),
        ...{ target, period },
        ...own.more,
      },
    ]
  })
  return { slos, notes }
}

type Note = (text: string) => void

const periodForm = (window: unknown, note: Note): string => {
  const text = textOf(at(window, 'duration'))
  if (text === null) return '30d'
  if (at(window, 'calendar') !== undefined) {
    const zone = textOf(at(window, 'calendar', 'timeZone')) ?? 'UTC'
    if (text !== '1M')
      note(`a calendar window of ${text} cannot be expressed: calendar months instead`)
    if (zone !== 'UTC') note(`months are those of UTC, not of ${zone}`)
    return 'month'
  }
  const us = spanUsOf(text)
  if (us !== null && us % dayUs === 0 && us >= dayUs && us <= periodDaysMax * dayUs)
    return `${us / dayUs}d`
  note(
    `a window of ${text} cannot be expressed, which takes whole days up to ${periodDaysMax}d: 30d instead`,
  )
  return '30d'
}

/** From `target: 0.995` or `targetPercent: 99.5`. */
const targetText = (objective: unknown, note: Note): string | null => {
  const [target, percent] = [
    textOf(at(objective, 'target')),
    textOf(at(objective, 'targetPercent')),
  ]
  const decimal = decimalOf(target ?? percent ?? '')
  const ppm = decimal === null ? null : inUnits(decimal, target === null ? 4 : 6)
  if (ppm !== null) return ratioText(Number(ppm))
  note(
    decimal === null
      ? `no target that is a number: left out`
      : `a target of ${target ?? `${percent ?? ''}%`} is finer than one part per million: left out`,
  )
  return null
}

/** The indicator of an objective of a composite, or that of the document; in it or by its name. */
const indicatorOf = (
  spec: unknown,
  objective: unknown,
  indicators: ReadonlyMap<string, OpenSloDocument>,
  note: Note,
): OpenSloDocument | null => {
  for (const holder of [objective, spec]) {
    const inside = at(holder, 'indicator')
    if (inside !== undefined && inside !== null) return openSloDocument(inside)
    const ref = textOf(at(holder, 'indicatorRef'))
    const known = ref === null ? undefined : indicators.get(ref)
    if (known !== undefined) return known
    if (ref !== null) {
      note(`the indicator ${ref} is in none of the files: left out`)
      return null
    }
  }
  note('no indicator: left out')
  return null
}

type IndicatorForm = { readonly kind: string; readonly more: Form }

const indicatorForm = (
  { annotations }: OpenSloDocument,
  indicator: OpenSloDocument,
  objective: unknown,
  note: Note,
): IndicatorForm | null => {
  const kind = textOf(annotations[annotation.kind])
  if (at(indicator.spec, 'thresholdMetric') !== undefined) {
    const threshold = thresholdText(indicator, objective, note)
    if (threshold === null) return null
    if (kind !== 'latency' && kind !== 'job-latency')
      note('its query is replaced by the latencies that Tidemark counts itself')
    return kind === 'job-latency'
      ? {
          kind,
          more: { threshold, operations: textOf(annotations[annotation.operations]) ?? 'job:*' },
        }
      : { kind: 'latency', more: { threshold } }
  }
  if (at(indicator.spec, 'ratioMetric') === undefined) {
    note('its indicator has neither a ratio nor a threshold: left out')
    return null
  }
  if (kind === 'uptime') return { kind, more: {} }
  if (kind !== 'availability')
    note('its queries are replaced by the requests that Tidemark counts itself')
  const statuses = textOf(annotations[annotation.badStatuses])
  return {
    kind: 'availability',
    more: statuses === null ? {} : { badStatuses: statuses.split(/\s*,\s*/) },
  }
}

const units = ['us', 'ms', 's', 'm'] as const

const thresholdText = (
  indicator: OpenSloDocument,
  objective: unknown,
  note: Note,
): string | null => {
  const value = textOf(at(objective, 'value'))
  const op = textOf(at(objective, 'op')) ?? 'lte'
  if (value === null || decimalOf(value) === null) {
    note('a threshold without a value: left out')
    return null
  }
  if (op !== 'lte' && op !== 'lt') {
    note(
      `a threshold of ${op} ${value} cannot be expressed, which says that more is better: left out`,
    )
    return null
  }
  const given = textOf(at(indicator.spec, 'thresholdMetric', 'metricSource', 'spec', 'unit'))
  const unit = units.find((each) => each === given)
  if (unit === undefined) note(`its threshold of ${value} names no unit: taken for milliseconds`)
  return `${value}${unit ?? 'ms'}`
}
