import { contentId, type Severity } from '@tidemark/model'
import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { historyMax } from './history.ts'
import {
  newScorecard,
  reliabilityAt,
  withChecks,
  withEpisodes,
  withFact,
  type CardFact,
  type Scorecard,
} from './scorecard.ts'

const minuteUs = 60_000_000
const hourUs = 60 * minuteUs
const dayUs = 24 * hourUs
const nowUs = 20_000 * dayUs + 5 * hourUs

const given = (what: Partial<CardFact> & { readonly type: CardFact['type'] }): CardFact =>
  ({ id: '', by: null, note: null, service: 'checkout', alertId: null, ...what }) as CardFact
const facts = (...all: readonly Parameters<typeof given>[0][]): Scorecard =>
  all.reduce((card, fact) => withFact(card, given(fact), nowUs), newScorecard)
const opened = (incident: string, atUs: number, alert: string | null = null) => ({
  type: 'IncidentOpened' as const,
  ...{ incident, atUs, alertId: alert === null ? null : contentId(alert) },
})
const closed = (incident: string, atUs: number) => ({
  type: 'IncidentClosed' as const,
  ...{ incident, atUs },
})
const deployed = (deployment: string, atUs: number) => ({
  type: 'DeploymentFinished' as const,
  ...{ deployment, atUs },
})
const told = (
  card: Scorecard,
  type: 'AlertRaised' | 'AlertSeverityChanged' | 'AlertResolved' | 'AlertMarked',
  severity: Severity,
  atUs: number,
  raisedAtUs = atUs,
): Scorecard =>
  withEpisodes(
    card,
    [{ type, severity, alertId: contentId(`${raisedAtUs}`), raisedAtUs, windowEndUs: atUs }],
    atUs,
  )
const seen = (card: Scorecard, atUs = nowUs) => reliabilityAt(card, atUs, atUs)

describe('the history of a service', () => {
  it('scores 86 for 99.95 %, one incident of 8 minutes and one bad deployment of twenty', () => {
    const incidentUs = nowUs - 2 * dayUs
    const deployments = Array.from({ length: 20 }, (_, n) =>
      deployed(`v${n}`, incidentUs - n * dayUs),
    )
    let card = facts(...deployments)
    card = withChecks(card, { passed: 9995, failed: 5 }, nowUs - dayUs)
    card = told(card, 'AlertRaised', 'page', incidentUs)
    card = told(card, 'AlertResolved', 'page', incidentUs + 8 * minuteUs, incidentUs)
    expect(seen(card)).toMatchObject({ score: 86, deployments: 20, deploymentsFailed: 1 })
    expect(seen(card).parts.map(({ points }) => points)).toEqual([35, 20, 16, 15])
  })

  it('counts an episode by the worst severity it had, from its raise on', () => {
    let card = told(newScorecard, 'AlertRaised', 'warning', nowUs - hourUs)
    expect(seen(card).incidents).toBe(0)
    card = told(card, 'AlertSeverityChanged', 'critical', nowUs - minuteUs, nowUs - hourUs)
    card = told(card, 'AlertSeverityChanged', 'warning', nowUs - 1, nowUs - hourUs)
    expect(seen(card)).toMatchObject({ incidents: 1, repairs: 0 })
    card = told(card, 'AlertResolved', 'warning', nowUs, nowUs - hourUs)
    expect(seen(card)).toMatchObject({ incidents: 1, repairs: 1, repairMeanUs: hourUs })
  })

  it('does not count an incident beside the alert that it names', () => {
    let card = told(newScorecard, 'AlertRaised', 'page', nowUs - hourUs)
    card = withFact(card, given(opened('INC-1', nowUs - hourUs, `${nowUs - hourUs}`)), nowUs)
    card = withFact(card, given(closed('INC-1', nowUs)), nowUs)
    expect(seen(card)).toMatchObject({ incidents: 1, repairs: 0 })
  })

  it('pairs what opened and closed an incident in either order, and takes the last word', () => {
    const either = [opened('a', nowUs - hourUs), closed('a', nowUs - minuteUs)]
    for (const card of [facts(...either), facts(...either.toReversed())])
      expect(seen(card)).toMatchObject({ incidents: 1, repairs: 1, repairMeanUs: 59 * minuteUs })
    const again = facts(
      ...either,
      closed('a', nowUs),
      opened('b', nowUs - 1),
      closed('b', nowUs - 2),
    )
    expect(seen(again)).toMatchObject({ incidents: 2, repairs: 1, repairMeanUs: hourUs })
  })

  it('forgets after 30 days what began, and what ended, each by itself', () => {
    const beginUs = nowUs - 20 * dayUs
    const card = facts(
      opened('a', beginUs),
      closed('a', beginUs + 5 * dayUs),
      deployed('v1', beginUs),
    )
    expect(seen(card, beginUs + 30 * dayUs)).toMatchObject({
      incidents: 1,
      repairs: 1,
      deployments: 1,
    })
    expect(seen(card, beginUs + 30 * dayUs + 1)).toMatchObject({
      ...{ incidents: 0, repairs: 1, deployments: 0 },
    })
    expect(seen(card, beginUs + 35 * dayUs + 1)).toMatchObject({ incidents: 0, repairs: 0 })
  })

  it('sees what a fact says before its moment only from that moment on', () => {
    const card = facts(opened('a', nowUs + 5), deployed('v1', nowUs + 5))
    expect(seen(card)).toMatchObject({ incidents: 0, deployments: 0 })
    expect(seen(card, nowUs + 5)).toMatchObject({ incidents: 1, deployments: 1 })
  })

  it('holds the 1,000 newest of each, however many come', () => {
    const deployments = Array.from({ length: 1100 }, (_, n) => deployed(`v${n}`, nowUs - n * 1000))
    const incidents = Array.from({ length: 1100 }, (_, n) => opened(`i${n}`, nowUs - n * 1000))
    const card = facts(...deployments, ...incidents)
    expect(card.deployments).toHaveLength(historyMax)
    expect(card.incidents).toHaveLength(historyMax)
    expect(card.deployments.at(-1)?.deployment).toBe('v0')
    expect(card.deployments.some(({ deployment }) => deployment === 'v1050')).toBe(false)
  })

  it('counts a deployment once, and by its last moment', () => {
    const card = facts(
      deployed('v1', nowUs - dayUs),
      deployed('v1', nowUs - hourUs),
      deployed('v2', 1),
    )
    expect(card.deployments).toEqual([{ deployment: 'v1', atUs: nowUs - hourUs }])
    const long = 'x'.repeat(60_000)
    expect(facts(deployed(long, nowUs)).deployments[0]?.deployment).toBe(contentId(long))
  })

  it('blames a deployment for an incident in its hour, both ends of it included', () => {
    const atUs = nowUs - dayUs
    const failed = (incidentUs: number): number =>
      seen(facts(deployed('v1', atUs), opened('a', incidentUs))).deploymentsFailed
    expect([atUs - 1, atUs, atUs + hourUs, atUs + hourUs + 1].map(failed)).toEqual([0, 1, 1, 0])
  })

  it('blames each deployment once, as a search of all pairs does', () => {
    const moment = fc.integer({ min: nowUs - 31 * dayUs, max: nowUs + 10 })
    const close = fc.tuple(moment, fc.array(fc.nat(2 * hourUs), { maxLength: 5 }))
    fc.assert(
      fc.property(fc.array(close, { maxLength: 15 }), fc.array(moment), (near, far) => {
        const deployments = near.map(([atUs]) => atUs)
        const incidents = [...near.flatMap(([atUs, after]) => after.map((us) => atUs + us)), ...far]
        const card = facts(
          ...deployments.map((atUs, n) => deployed(`v${n}`, atUs)),
          ...incidents.map((atUs, n) => opened(`i${n}`, atUs)),
        )
        const inside = (atUs: number): boolean => atUs >= nowUs - 30 * dayUs && atUs <= nowUs
        const blamed = deployments
          .filter(inside)
          .filter((atUs) =>
            incidents.filter(inside).some((begin) => begin >= atUs && begin <= atUs + hourUs),
          )
        expect(seen(card)).toMatchObject({
          incidents: incidents.filter(inside).length,
          deployments: deployments.filter(inside).length,
          deploymentsFailed: blamed.length,
        })
      }),
    )
  })

  it('has the uptime of 30 days and the running one', () => {
    const days = fc.array(fc.tuple(fc.nat(40), fc.nat(20), fc.nat(20)), { maxLength: 60 })
    fc.assert(
      fc.property(days, (drawn) => {
        const checks = drawn.toSorted(([a], [b]) => a - b)
        const at = (day: number): number => nowUs - 40 * dayUs + day * dayUs
        const card = checks.reduce(
          (sum, [day, passed, failed]) => withChecks(sum, { passed, failed }, at(day)),
          newScorecard,
        )
        const inside = checks.filter(([day]) => day >= 10)
        expect(seen(card, nowUs + minuteUs)).toMatchObject({
          checksPassed: inside.reduce((sum, [, passed]) => sum + passed, 0),
          checksTotal: inside.reduce((sum, [, passed, failed]) => sum + passed + failed, 0),
        })
      }),
    )
  })

  it('takes no incidents for evidence only where somebody would have noticed them', () => {
    expect(reliabilityAt(newScorecard, nowUs, null).score).toBeNull()
    expect(reliabilityAt(newScorecard, nowUs, nowUs - 31 * dayUs).score).toBeNull()
    expect(reliabilityAt(newScorecard, nowUs, nowUs - dayUs).score).toBe(100)
    expect(reliabilityAt(facts(opened('a', nowUs)), nowUs, null).score).toBe(80)
  })

  it('is the same whenever the same facts come again', () => {
    const some = [
      opened('a', nowUs - hourUs),
      closed('a', nowUs),
      deployed('v1', nowUs - dayUs),
      ...[{ type: 'CostRecorded' as const, currency: 'EUR', monthStartUs: 0, throughUs: 9 }],
    ]
    expect(facts(...some, ...some)).toEqual(facts(...some))
  })
})
