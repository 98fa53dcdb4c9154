import { unreachable, type BurnWindow, type Label, type Rule } from '@tidemark/model'
import { givenLabels } from '../alerting/labels.ts'
import { templateFaults } from '../alerting/template.ts'
import { durationText, ppmText } from '../format.ts'
import {
  anyUs,
  atMost,
  configurationMax,
  faultIf,
  idFaults,
  labelPattern,
  matcherFaults,
  textFaults,
  twiceFaults,
  within,
  type ConfigurationFault,
} from './fault.ts'

const safe = Number.MAX_SAFE_INTEGER
const minuteUs = 60_000_000
const hourUs = 60 * minuteUs
/** Spans up to it are sums of minutes, longer ones of hours. */
const minutesMaxUs = 6 * hourUs

export const ruleFaults = (rules: readonly Rule[]): readonly ConfigurationFault[] => [
  ...atMost(rules, configurationMax.rules, ['rules']),
  ...twiceFaults(
    rules.map(({ id }) => id),
    (id) => ['rules', id],
  ),
  ...rules.flatMap((rule) => {
    const path = ['rules', rule.id]
    return [
      ...idFaults(rule.id, path),
      ...matcherFaults(rule.match, [...path, 'match']),
      ...labelFaults(rule.labels, [...path, 'labels']),
      ...textFaults(rule.summary, [...path, 'summary']),
      ...summaryFaults(rule.summary, [...path, 'summary']),
      ...textFaults(rule.runbook, [...path, 'runbook']),
      ...within(rule.forUs, anyUs, [...path, 'for'], durationText),
      ...within(rule.keepFiringForUs, anyUs, [...path, 'keepFiringFor'], durationText),
      ...ownFaults(rule, path),
    ]
  }),
]

const summaryFaults = (
  summary: string | null,
  path: readonly string[],
): readonly ConfigurationFault[] =>
  summary === null ? [] : templateFaults(summary).map((message) => ({ path, message }))

const labelFaults = (
  labels: readonly Label[],
  path: readonly string[],
): readonly ConfigurationFault[] => [
  ...atMost(labels, configurationMax.labels, path),
  ...twiceFaults(
    labels.map(({ name }) => name),
    (name) => [...path, name],
  ),
  ...labels.flatMap(({ name, value }) => [
    ...faultIf(
      !labelPattern.test(name) || name === '__proto__',
      [...path, name],
      `${JSON.stringify(name)} is no name of a label`,
    ),
    ...faultIf(givenLabels.includes(name), [...path, name], 'Tidemark gives this label itself'),
    ...textFaults(value, [...path, name]),
  ]),
]

const ownFaults = (rule: Rule, path: readonly string[]): readonly ConfigurationFault[] => {
  switch (rule.kind) {
    case 'health':
    case 'absence':
      return []
    case 'threshold':
      return within(rule.value, [-safe, safe], [...path, 'when'])
    case 'burn-rate':
      return [
        ...sloListFaults(rule.slos, path),
        ...atMost(rule.windows, configurationMax.burnWindows, [...path, 'windows']),
        ...rule.windows.flatMap((window, at) =>
          burnWindowFaults(window, [...path, 'windows', String(at)]),
        ),
      ]
    case 'budget':
      return [
        ...sloListFaults(rule.slos, path),
        ...within(rule.remainingBelowPpm, [-1e12, 1e12], [...path, 'when'], ppmText),
      ]
    case 'scorecard':
      return rule.when.card === 'reliability'
        ? within(rule.when.scoreBelow, [0, 1_000_000], [...path, 'when'])
        : []
    default:
      return unreachable(rule)
  }
}

const sloListFaults = (
  slos: readonly string[] | null,
  path: readonly string[],
): readonly ConfigurationFault[] =>
  slos === null ? [] : atMost(slos, configurationMax.slosPerRule, [...path, 'slos'])

/** Windows are sums of whole steps: minutes up to 6 h, hours beyond. */
const burnWindowFaults = (
  { longUs, shortUs, budgetPpm }: BurnWindow,
  path: readonly string[],
): readonly ConfigurationFault[] => {
  const longestUs = configurationMax.periodDays * 24 * hourUs
  const spans = Object.entries({ long: longUs, short: shortUs })
  return [
    ...spans.flatMap(([name, us]) => {
      const stepUs = us <= minutesMaxUs ? minuteUs : hourUs
      const step = stepUs === minuteUs ? 'minutes' : 'hours, as windows above 6 h are'
      return [
        ...within(us, [minuteUs, longestUs], [...path, name], durationText),
        ...faultIf(
          us % stepUs !== 0,
          [...path, name],
          `${durationText(us)} is no number of whole ${step}`,
        ),
      ]
    }),
    ...faultIf(
      shortUs >= longUs,
      [...path, 'short'],
      `${durationText(shortUs)} is not shorter than the long window, ${durationText(longUs)}`,
    ),
    ...within(budgetPpm, [1, 1e12], [...path, 'budget'], ppmText),
  ]
}
