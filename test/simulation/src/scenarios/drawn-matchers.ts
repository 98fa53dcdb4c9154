import { severities, type Matcher } from '@tidemark/model'
import type { Draws } from '../faults/random.ts'

/** Services that anybody sends events of; which of them are registered is drawn. */
export const serviceNames = ['checkout', 'search', 'cart', 'mail', 'ledger', 'ghost'] as const

export const serviceMatchers = (draw: Draws): readonly Matcher[] => [
  draw.pick<Matcher>([
    { label: 'service', operator: '=', value: draw.pick(serviceNames) },
    { label: 'service', operator: '=~', value: 'c.*|ghost' },
    { label: 'team', operator: '!=', value: 'web' },
    { label: 'team', operator: '=~', value: 'pay.+' },
    { label: 'tier', operator: '!~', value: '1|2' },
    { label: 'registered', operator: '=', value: draw.pick(['true', 'false']) },
  ]),
]

export const alertMatchers = (draw: Draws): readonly Matcher[] => [
  draw.pick<Matcher>([
    { label: 'severity', operator: '=', value: draw.pick(severities) },
    { label: 'severity', operator: '!=', value: 'page' },
    { label: 'alertname', operator: '=~', value: 'rule-[0-3]' },
    { label: 'rule', operator: '!=', value: 'health' },
    { label: 'slo', operator: '!=', value: '' },
    { label: 'area', operator: '=', value: 'money' },
  ]),
  ...(draw.chance(0.5)
    ? [{ label: 'service', operator: '=', value: draw.pick(serviceNames) } as const]
    : []),
]
