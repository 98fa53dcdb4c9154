import {
  defaultConfiguration,
  defaultRuleFields,
  type PlannedSilence,
  type Rule,
} from '@tidemark/model'
import { describe, expect, it } from '@jest/globals'
import {
  alertsIn,
  assessedIn,
  inWindow,
  registered,
  runWindows,
  storyOf,
} from '../testing/alert-run.ts'
import { activation, answer, expiry, silence } from '../testing/facts.ts'
import { beginUs, endOfWindow, type SteadyWindow } from '../testing/steady.ts'

const repeat = <T>(count: number, item: T): T[] => Array<T>(count).fill(item)
const well: SteadyWindow = { api: { requests: 50, checks: 10 } }
const failing: SteadyWindow = { api: { requests: 100, failed: 20, checks: 10 } }
const down: SteadyWindow = { api: { requests: 100, failed: 20, checks: 10, checksFailed: 10 } }

/** Fires and resolves at once, so that stories are short. */
const errors: Rule = {
  ...defaultRuleFields,
  ...{ kind: 'threshold', id: 'errors', severity: 'critical' },
  ...{ signal: 'error_rate', operator: '>', value: 100_000 },
}
const only = (...rules: readonly Rule[]) => ({
  ...{ rules, inhibition: [], escalation: [], services: [registered('api', { team: 'pay' })] },
})
/** Windows by letter: `x` fails, `.` is well, `-` sends nothing. */
const windowsOf = (letters: string): SteadyWindow[] =>
  Array.from(letters, (letter) => (letter === 'x' ? failing : letter === '.' ? well : {}))
const [alertId] = alertsIn(runWindows(only(errors), windowsOf('.x'))).map((event) => event.alertId)
const raisedInSecond = alertId!

describe('silences', () => {
  it('mark what they hide, from their beginning to their end, without a word of the alert less', () => {
    const planned: PlannedSilence = {
      ...{ id: 'planned', note: null, fromUs: endOfWindow(2), toUs: endOfWindow(4) },
      matchers: [{ label: 'team', operator: '=', value: 'pay' }],
    }
    const silences = [planned]
    const outputs = runWindows({ ...only(errors), silences }, windowsOf('.xxxxx.'))
    expect(storyOf(outputs, 'errors')).toEqual([
      '1 Raised critical',
      '2 Marked critical',
      '4 Marked critical',
      '6 Resolved critical',
    ])
    expect(alertsIn(outputs).map(({ silencedBy }) => silencedBy)).toEqual([[], ['planned'], [], []])
  })

  it('are made by facts, for windows behind them, and end before their time where somebody says so', () => {
    const made = silence(1, 'rule="errors"', 0, endOfWindow(99))
    const outputs = runWindows(only(errors), windowsOf('xxxxxx'), [
      { timestampMs: inWindow(1), fact: made },
      { timestampMs: inWindow(3), fact: expiry(2, made.id) },
      // Neither a repeat of the one nor of the other changes anything.
      { timestampMs: inWindow(4), fact: made },
      { timestampMs: inWindow(4), fact: expiry(2, made.id) },
    ])
    expect(storyOf(outputs, 'errors').slice(0, 3)).toEqual([
      '0 Raised critical',
      '2 Marked critical',
      '4 Marked critical',
    ])
    expect(alertsIn(outputs).map(({ silencedBy }) => silencedBy)).toEqual([[], [made.id], []])
  })

  it('are on an alert that is raised while they hold', () => {
    const made = silence(1, 'service=~"a.+"', 0, endOfWindow(99))
    const outputs = runWindows(only(errors), windowsOf('..x'), [
      { timestampMs: inWindow(0), fact: made },
    ])
    expect(alertsIn(outputs)).toMatchObject([{ type: 'AlertRaised', silencedBy: [made.id] }])
  })
})

describe('maintenance', () => {
  const health = { ...defaultRuleFields, kind: 'health', id: 'health' } as const

  it('takes the place of the status, lets the health rule rest, and hides what else is told', () => {
    const fact = silence(1, 'service="api"', endOfWindow(2), endOfWindow(4), true)
    const outputs = runWindows(only(health, errors), windowsOf('.xxxxx'), [
      { timestampMs: inWindow(0), fact },
    ])
    const rows = assessedIn(outputs, 'api').slice(0, 6)
    expect(rows.map(({ status }) => status)).toEqual([
      ...['healthy', 'critical', 'maintenance', 'maintenance', 'critical', 'critical'],
    ])
    expect(rows.map(({ sinceUs }) => sinceUs)).toEqual([0, 1, 2, 2, 4, 4].map(endOfWindow))
    expect(storyOf(outputs, 'health')).toEqual([
      '1 Raised critical',
      '2 Marked critical',
      '4 Marked critical',
    ])
    expect(storyOf(outputs, 'errors')).toEqual(storyOf(outputs, 'health'))
    expect(alertsIn(outputs)[2]).toMatchObject({
      silencedBy: [fact.id],
      evidence: { previousStatus: 'critical', status: 'maintenance' },
    })
  })

  it('is followed by the classification of one window alone', () => {
    const fact = silence(1, 'service="api"', endOfWindow(1), endOfWindow(3), true)
    // One failed check of six is no outage for a service that was seen before, and one for a service that was not.
    const once: SteadyWindow = { api: { checks: 6, checksFailed: 1 } }
    const windows = [{ api: { checks: 6 } }, once, once, once]
    const facts = [{ timestampMs: inWindow(0), fact }]
    const statuses = (with_: typeof facts): string[] =>
      assessedIn(runWindows(only(health), windows, with_), 'api').map(({ status }) => status)
    expect(statuses(facts).slice(0, 4)).toEqual(['healthy', 'maintenance', 'maintenance', 'down'])
    expect(statuses([]).slice(0, 4)).toEqual(['healthy', 'healthy', 'healthy', 'healthy'])
  })
})

describe('inhibition', () => {
  const health = { ...defaultRuleFields, kind: 'health', id: 'health' } as const
  const { inhibition } = defaultConfiguration

  it('marks lesser alerts of a service that is down, those raised in the same window at once', () => {
    const outputs = runWindows({ ...only(errors, health), inhibition }, [down, failing])
    const [lesser, page] = alertsIn(outputs)
    expect(page).toMatchObject({ rule: 'health', severity: 'page', inhibitedBy: null })
    expect(lesser).toMatchObject({
      rule: 'errors',
      type: 'AlertRaised',
      inhibitedBy: page?.alertId,
    })
  })

  it('ends with its inhibitor', () => {
    const up: SteadyWindow = { api: { requests: 100, failed: 20, checks: 100 } }
    const outputs = runWindows({ ...only(errors, health), inhibition }, [down, ...repeat(4, up)])
    expect(storyOf(outputs, 'health')).toEqual(['0 Raised page', '3 SeverityChanged critical'])
    expect(storyOf(outputs, 'errors')).toEqual(['0 Raised critical', '3 Marked critical'])
    expect(alertsIn(outputs).at(-2)).toMatchObject({ rule: 'errors', inhibitedBy: null })
  })

  it('is by the first that is up, and never by or of one that is a source itself', () => {
    const again: Rule = { ...errors, id: 'again' }
    const rule = {
      source: [{ label: 'rule', operator: '=~', value: 'errors|again' }],
      target: [{ label: 'severity', operator: '!=', value: '' }],
    } as const
    const outputs = runWindows({ ...only(again, errors, health), inhibition: [rule] }, [failing])
    const [first, second, third] = alertsIn(outputs)
    expect([first?.inhibitedBy, second?.inhibitedBy]).toEqual([null, null])
    expect(third).toMatchObject({ rule: 'health', inhibitedBy: first?.alertId })
  })
})

describe('acknowledgement', () => {
  it('acts on the episode that it names, until that is resolved', () => {
    const outputs = runWindows(only(errors), windowsOf('.xxx.xx'), [
      { timestampMs: inWindow(2), fact: answer(1, 'api', raisedInSecond) },
      { timestampMs: inWindow(2), fact: answer(1, 'api', raisedInSecond) },
    ])
    expect(storyOf(outputs, 'errors')).toEqual([
      ...['1 Raised critical', '3 Acknowledged critical', '4 Resolved critical'],
      '5 Raised critical',
    ])
    const given = { by: 'ann', note: 'on it', atUs: endOfWindow(3), untilUs: null }
    expect(alertsIn(outputs).map(({ acknowledgement }) => acknowledgement)).toEqual([
      ...[null, given, given, null],
    ])
  })

  it('is ignored where the episode is not up', () => {
    const outputs = runWindows(only(errors), windowsOf('.xx.xx'), [
      { timestampMs: inWindow(4), fact: answer(1, 'api', raisedInSecond) },
      { timestampMs: inWindow(0), fact: answer(2, 'api', raisedInSecond) },
      { timestampMs: inWindow(2), fact: answer(3, 'other', raisedInSecond) },
    ])
    expect(alertsIn(outputs).map(({ acknowledgement }) => acknowledgement)).toEqual([
      ...[null, null, null],
    ])
  })

  it('as a snooze ends, and says so', () => {
    const outputs = runWindows(only(errors), windowsOf('.xxxxxx'), [
      { timestampMs: inWindow(2), fact: answer(1, 'api', raisedInSecond, endOfWindow(5)) },
      // Over already at the window that it would act on.
      { timestampMs: inWindow(5), fact: answer(2, 'api', raisedInSecond, endOfWindow(6)) },
    ])
    expect(storyOf(outputs, 'errors').slice(0, 3)).toEqual([
      ...['1 Raised critical', '3 Acknowledged critical', '5 Acknowledged critical'],
    ])
    expect(alertsIn(outputs)[2]?.acknowledgement).toBeNull()
    expect(alertsIn(outputs)).toHaveLength(3)
  })
})

describe('escalation', () => {
  const escalation = [
    { afterUs: 20_000_000, severities: ['page'] },
    { afterUs: 30_000_000, severities: ['page', 'critical'] },
    { afterUs: 50_000_000, severities: ['critical'] },
  ] as const
  const steps = (windows: string, facts: Parameters<typeof runWindows>[2] = []): string[] =>
    storyOf(runWindows({ ...only(errors), escalation }, windowsOf(windows), facts), 'errors')
  const numbers = (windows: string, facts: Parameters<typeof runWindows>[2] = []): number[] =>
    alertsIn(runWindows({ ...only(errors), escalation }, windowsOf(windows), facts))
      .filter(({ type }) => type === 'AlertEscalated')
      .map((event) => event.escalation)

  it('takes the steps of its severity, each once, by the time since it was raised', () => {
    expect(steps('.xxxxxxx')).toEqual([
      '1 Raised critical',
      '4 Escalated critical',
      '6 Escalated critical',
    ])
    expect(numbers('.xxxxxxx')).toEqual([2, 3])
  })

  it('stops when somebody answers', () => {
    const fact = answer(1, 'api', raisedInSecond)
    expect(numbers('.xxxxxxx', [{ timestampMs: inWindow(2), fact }])).toEqual([])
    expect(numbers('.xxxxxxx', [{ timestampMs: inWindow(4), fact }])).toEqual([2])
  })

  it('stops while the alert is silenced, and goes on behind it', () => {
    const fact = silence(1, 'rule="errors"', endOfWindow(2), endOfWindow(5))
    // Counted are the first window behind the raise, and those behind the end of the silence.
    expect(steps('.xxxxxxxxx', [{ timestampMs: inWindow(0), fact }])).toEqual([
      ...['1 Raised critical', '2 Marked critical', '5 Marked critical'],
      ...['7 Escalated critical', '9 Escalated critical'],
    ])
  })

  it('begins anew behind a snooze', () => {
    const fact = answer(1, 'api', raisedInSecond, endOfWindow(6))
    const facts = [{ timestampMs: inWindow(4), fact }]
    expect(steps('.xxxxxxxxxx', facts)).toEqual([
      ...['1 Raised critical', '4 Escalated critical', '5 Acknowledged critical'],
      ...['6 Acknowledged critical', '9 Escalated critical', '11 Escalated critical'],
    ])
    expect(numbers('.xxxxxxxxxx', facts)).toEqual([2, 2, 3])
  })
})

describe('flapping', () => {
  it('is told once, holds the episode up, and tells the final state', () => {
    const outputs = runWindows(only(errors), windowsOf(`x.x.x.x.${'.'.repeat(20)}`))
    expect(storyOf(outputs, 'errors')).toEqual([
      ...['0 Raised critical', '1 Resolved critical', '2 Raised critical', '3 Resolved critical'],
      ...['4 Raised critical', '5 Marked critical', '23 Resolved critical'],
    ])
    const told = alertsIn(outputs)
    expect(told.map(({ flapping }) => flapping)).toEqual([
      ...[false, false, false, false, false, true, false],
    ])
    expect(told.at(-1)).toMatchObject({ reason: 'flapping_ended', episode: 3 })
  })

  it('ends with a mark where the condition still fires', () => {
    const outputs = runWindows(only(errors), windowsOf(`x.x.x.${'x'.repeat(20)}`))
    expect(storyOf(outputs, 'errors').slice(-2)).toEqual([
      '5 Marked critical',
      '22 Marked critical',
    ])
    expect(alertsIn(outputs).at(-1)).toMatchObject({ flapping: false, episode: 3 })
  })

  it('is frozen by windows that say nothing', () => {
    const outputs = runWindows(only(errors), windowsOf(`x.x.x.${'-'.repeat(30)}`))
    expect(storyOf(outputs, 'errors').at(-1)).toBe('5 Marked critical')
  })
})

describe('another configuration', () => {
  const later = { ...defaultConfiguration, horizonUs: 10_000_000, ...only() }

  it('ends the alerts of rules that it leaves out, and of those of another kind', () => {
    const facts = [{ timestampMs: inWindow(1), fact: activation(1, later) }]
    const gone = runWindows(only(errors), windowsOf('xxxx'), facts, [later])
    expect(storyOf(gone, 'errors')).toEqual(['0 Raised critical', '2 Resolved critical'])
    expect(alertsIn(gone).at(-1)).toMatchObject({
      reason: 'rule_removed',
      summary: 'api: rule errors no longer applies',
      labels: [
        ...[
          { name: 'alertname', value: 'errors' },
          { name: 'rule', value: 'errors' },
        ],
        ...[
          { name: 'service', value: 'api' },
          { name: 'severity', value: 'critical' },
        ],
        { name: 'team', value: 'pay' },
      ],
    })
    const absence: Rule = { ...defaultRuleFields, kind: 'absence', id: 'errors', severity: 'page' }
    const other = { ...later, rules: [absence] }
    const changed = runWindows(
      only(errors),
      windowsOf('xxxx'),
      [{ timestampMs: inWindow(1), fact: activation(1, other) }],
      [other],
    )
    expect(storyOf(changed, 'errors')).toEqual(['0 Raised critical', '2 Resolved critical'])
  })

  it('ends alerts in the order of the configuration, with their marks as they are then', () => {
    const slow = { ...errors, id: 'slow', forUs: 10_000_000 }
    const facts = [
      { timestampMs: inWindow(-1), fact: silence(1, 'alertname=errors', 0, beginUs + 30_000_000) },
      { timestampMs: inWindow(1), fact: activation(2, later) },
    ]
    const told = alertsIn(runWindows(only(slow, errors), windowsOf('xxxx'), facts, [later]))
    expect(told.map(({ type, rule }) => [type.replace('Alert', ''), rule])).toEqual([
      ...[
        ['Raised', 'errors'],
        ['Raised', 'slow'],
        ['Resolved', 'slow'],
        ['Resolved', 'errors'],
      ],
    ])
    expect(told.map(({ silencedBy }) => silencedBy.length)).toEqual([1, 0, 0, 0])
  })

  it('goes on with an alert whose rule stays, and numbers the episodes of one that comes back', () => {
    const stricter = { ...later, rules: [{ ...errors, value: 50_000, severity: 'page' as const }] }
    const facts = [
      { timestampMs: inWindow(1), fact: activation(1, stricter) },
      { timestampMs: inWindow(3), fact: activation(2, later) },
      { timestampMs: inWindow(4), fact: activation(3, stricter) },
    ]
    const outputs = runWindows(only(errors), windowsOf('xxxxxxx'), facts, [stricter, later])
    expect(storyOf(outputs, 'errors')).toEqual([
      ...['0 Raised critical', '2 SeverityChanged page', '4 Resolved page', '5 Raised page'],
    ])
    const episodes = alertsIn(outputs).map(({ episode }) => episode)
    expect(episodes).toEqual([1, 1, 1, 2])
  })

  it('ends the alerts of a service that the rule no longer matches', () => {
    const match = [{ label: 'team', operator: '=', value: 'other' }] as const
    const other = { ...later, rules: [{ ...errors, match }] }
    const facts = [{ timestampMs: inWindow(1), fact: activation(1, other) }]
    const outputs = runWindows(only(errors), windowsOf('xxxx'), facts, [other])
    expect(storyOf(outputs, 'errors')).toEqual(['0 Raised critical', '2 Resolved critical'])
  })
})

describe('a rule', () => {
  it('gives its labels, template and runbook, or else those of the service', () => {
    const own: Rule = {
      ...errors,
      labels: [{ name: 'area', value: 'eu' }],
      summary: '{{service}} of {{team}}: {{value}} {{limit}} of {{count}}, {{tier}}',
      runbook: 'https://r.example',
    }
    const services = [registered('api', { team: 'pay', runbook: 'https://s.example' })]
    const outputs = runWindows({ ...only(own, { ...errors, id: 'b' }), services }, windowsOf('x.'))
    const [first, second, resolved] = alertsIn(outputs)
    expect(first).toMatchObject({
      summary: 'api of pay: 20.0% > 10% of 100, -',
      runbook: 'https://r.example',
    })
    expect(first?.labels[1]).toEqual({ name: 'area', value: 'eu' })
    expect(second?.runbook).toBe('https://s.example')
    expect(resolved?.summary).toBe('api: error_rate=0.0% no longer > 10% (n=50)')
  })

  it('looks at services that it matches', () => {
    const match = [{ label: 'registered', operator: '=', value: 'false' }] as const
    const windows = [{ ...failing, stray: { requests: 100, failed: 20 } }]
    const outputs = runWindows(only({ ...errors, match }), windows)
    expect(alertsIn(outputs).map(({ service }) => service)).toEqual(['stray'])
  })

  it('stands in the time of windows', () => {
    expect(alertsIn(runWindows(only(errors), windowsOf('.x')))[0]?.windowStartUs).toBe(
      beginUs + 10_000_000,
    )
  })
})
