import {
  defaultConfiguration,
  type Configuration,
  type Matcher,
  type PlannedSilence,
  type RegisteredService,
} from '@tidemark/model'
import type { Draws } from '../faults/random.ts'
import { alertMatchers, serviceMatchers, serviceNames } from './drawn-matchers.ts'
import { slosOf } from './drawn-objectives.ts'
import { rulesOf, some } from './drawn-rules.ts'
import type { Stretch } from './timeline.ts'

const minuteUs = 60_000_000
const hourUs = 60 * minuteUs

/** Small thresholds, short times and rules of every kind, so that an hour or two sees most of what can happen. */
export const configurationOf = (draw: Draws, stretches: readonly Stretch[]): Configuration => {
  const slos = slosOf(draw)
  return {
    ...defaultConfiguration,
    horizonUs: draw.pick([1, 1, 2, 5]) * minuteUs,
    requestsMin: draw.pick([1, 4, 10]),
    checksMin: draw.pick([1, 2, 3]),
    improveAfterWindows: draw.pick([1, 2, 3]),
    downFailuresMin: draw.pick([1, 2]),
    staleAfterUs: draw.pick([2, 5, 10]) * minuteUs,
    absentAfterUs: draw.pick([1, 2, 4]) * minuteUs,
    forgetAfterUs: draw.pick([10 * minuteUs, hourUs, 24 * hourUs]),
    unregistered: draw.chance(0.75) ? 'register' : 'ignore',
    unregisteredMax: draw.pick([1, 10_000]),
    services: serviceNames
      .filter(() => draw.chance(0.6))
      .toSorted()
      .map((service) => registeredService(draw, service, stretches)),
    slos,
    rules: rulesOf(draw, slos),
    silences: some(draw, 0, 2, (i) =>
      plannedSilence(draw, `planned-${i}`, alertMatchers(draw), stretches),
    ),
    maintenance: some(draw, 0, 1, (i) =>
      plannedSilence(draw, `works-${i}`, serviceMatchers(draw), stretches),
    ),
    inhibition: draw.chance(0.3)
      ? []
      : [
          ...defaultConfiguration.inhibition,
          ...some(draw, 0, 2, () => ({
            source: alertMatchers(draw),
            target: alertMatchers(draw),
          })),
        ],
    escalation: draw.pick([
      [],
      [{ afterUs: 3 * minuteUs, severities: ['page'] }],
      [
        { afterUs: 2 * minuteUs, severities: ['page'] },
        { afterUs: 5 * minuteUs, severities: ['page', 'critical'] },
        { afterUs: 9 * minuteUs, severities: ['warning', 'page'] },
      ],
    ] as const),
  }
}

const registeredService = (
  draw: Draws,
  service: string,
  stretches: readonly Stretch[],
): RegisteredService => {
  const maybe = <T>(value: T): T | null => (draw.chance(0.5) ? value : null)
  return {
    service,
    team: draw.pick(['payments', 'web', null]),
    tier: draw.pick(['1', '2', null]),
    owner: maybe('ann@example.org'),
    runbook: maybe(`https://runbooks.example.org/${service}`),
    documentation: maybe('https://docs.example.org'),
    incidentResponse: maybe('https://on-call.example.org'),
    budget: draw.pick([
      null,
      { currency: 'EUR', amountMinor: 0 },
      { currency: 'EUR', amountMinor: 100_000 },
      { currency: 'USD', amountMinor: 30_000 },
    ]),
    skips: draw.chance(0.3)
      ? [
          {
            check: draw.pick(['runbook', 'monitoring', 'owner', 'documentation']),
            reason: 'not yet',
            untilUs: 1000 * draw.between(stretches[0]!.fromMs, stretches.at(-1)!.toMs),
          },
        ]
      : [],
    health: draw.chance(0.2)
      ? {
          ...defaultConfiguration.health,
          down: { availabilityBelowPpm: 800_000, availabilityExitPpm: 900_000 },
        }
      : null,
  }
}

const plannedSilence = (
  draw: Draws,
  id: string,
  matchers: readonly Matcher[],
  stretches: readonly Stretch[],
): PlannedSilence => {
  const { fromMs, toMs } = draw.pick(stretches)
  const startMs = draw.between(fromMs - 120_000, toMs)
  // Now and then at a window's end, to the microsecond.
  const fromUs = draw.chance(0.5) ? startMs * 1000 : startMs * 1000 - ((startMs * 1000) % minuteUs)
  return { id, matchers, fromUs, toUs: fromUs + draw.between(1, 12) * minuteUs, note: null }
}
