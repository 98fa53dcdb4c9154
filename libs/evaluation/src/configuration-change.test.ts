import {
  defaultConfiguration,
  defaultLayout,
  defaultServiceFields,
  type AlertEvent,
  type Configuration,
  type FleetSlice,
  type Output,
  type ServiceAssessed,
} from '@tidemark/model'
import { describe, expect, it } from '@jest/globals'
import { catalogOf } from './configuration-catalog.ts'
import { evaluate } from './evaluator.ts'
import { evaluatorState } from './evaluator-state.ts'
import { activation, deployment, withFacts, type FactAt } from './testing/facts.ts'
import { interleave, plainAggregates } from './testing/plain-aggregates.ts'
import { beginUs, endOfWindow, steadyRecords, type SteadyWindow } from './testing/steady.ts'

const windowUs = 10_000_000

const configurationOf = (
  changes: Partial<Configuration>,
  ...services: readonly string[]
): Configuration => ({
  ...defaultConfiguration,
  services: services.map((service) => ({ ...defaultServiceFields, service, team: 'crew' })),
  ...changes,
})

const run = (
  configuration: Configuration,
  others: readonly Configuration[],
  windows: readonly SteadyWindow[],
  facts: readonly FactAt[],
): readonly Output[] => {
  const layout = { ...defaultLayout, configuration }
  const records = steadyRecords(windows)
  const aggregates = plainAggregates(layout, 0, {
    ...records,
    facts: withFacts(records.facts, facts),
  })
  const state = evaluatorState({
    ...{ layout, partition: 0, partitionOf: () => 0 },
    catalog: catalogOf(others),
  })
  const outputs: Output[] = []
  for (const event of interleave(aggregates, []))
    evaluate(state, event, (output) => outputs.push(output))
  return outputs
}

/** By the number of the window, from 0. */
const rowsIn = (outputs: readonly Output[], service: string): readonly ServiceAssessed[] =>
  outputs
    .map(({ event }) => event)
    .filter(
      (event): event is ServiceAssessed =>
        event.type === 'ServiceAssessed' && event.service === service,
    )

const windowsOf = (events: readonly { readonly windowEndUs: number }[]): readonly number[] =>
  events.map(({ windowEndUs }) => (windowEndUs - beginUs) / windowUs - 1)

const ignoredIn = (outputs: readonly Output[]): readonly string[] =>
  outputs
    .map(({ event }) => event)
    .filter((event): event is FleetSlice => event.type === 'FleetSlice')
    .map(({ ignored }) => ignored.map(({ service, events }) => `${service} ${events}`).join(', '))

const alertsIn = (outputs: readonly Output[]): readonly AlertEvent[] =>
  outputs.map(({ event }) => event).filter((event): event is AlertEvent => 'alertId' in event)

/** In the n-th window, from 0, so many seconds after its start. */
const at = (window: number, seconds: number): number =>
  (beginUs + window * windowUs) / 1000 + seconds * 1000

const sends = { requests: 30 }
const five = Array.from({ length: 5 }, () => ({ api: sends }))

describe('a configuration', () => {
  const before = configurationOf({})
  const after = configurationOf({}, 'api')
  const registeredIn = (facts: readonly FactAt[], windows = five): readonly number[] =>
    windowsOf(
      rowsIn(run(before, [before, after], windows, facts), 'api').filter((row) => row.registered),
    ).filter((window) => window < windows.length)

  it('is in force for windows that start at or after its fact', () => {
    expect(registeredIn([{ timestampMs: at(1, 9), fact: activation(1, after) }])).toEqual([2, 3, 4])
    expect(registeredIn([{ timestampMs: at(2, 0), fact: activation(1, after) }])).toEqual([2, 3, 4])
    expect(registeredIn([{ timestampMs: at(2, 1), fact: activation(1, after) }])).toEqual([3, 4])
  })

  it('is in force from the window that it asks for, when that is later', () => {
    const fact = activation(1, after, endOfWindow(2))
    expect(registeredIn([{ timestampMs: at(0, 5), fact }])).toEqual([3, 4])
  })

  it('gives way to one that was said later and begins before', () => {
    const facts = [
      { timestampMs: at(0, 5), fact: activation(1, after, endOfWindow(1)) },
      { timestampMs: at(0, 6), fact: activation(2, before, endOfWindow(0)) },
    ]
    expect(registeredIn(facts)).toEqual([])
    expect(registeredIn(facts.slice(0, 1))).toEqual([2, 3, 4])
  })

  it('can be that of the beginning again, which no catalog needs to hold', () => {
    const facts = [
      { timestampMs: at(0, 5), fact: activation(1, after) },
      { timestampMs: at(2, 5), fact: activation(2, before) },
    ]
    const outputs = run(before, [after], five, facts)
    expect(windowsOf(rowsIn(outputs, 'api').filter((row) => row.registered))).toEqual([1, 2])
  })

  it('that was written again does not come back', () => {
    const facts = [
      { timestampMs: at(0, 5), fact: activation(1, after) },
      { timestampMs: at(1, 5), fact: activation(2, before) },
      { timestampMs: at(2, 5), fact: activation(1, after) },
    ]
    expect(registeredIn(facts)).toEqual([1])
  })

  it('of which nobody watched a window has no effect', () => {
    const facts = [
      { timestampMs: at(0, 5), fact: activation(1, after, endOfWindow(1)) },
      { timestampMs: at(0, 6), fact: activation(2, before, endOfWindow(4)) },
    ]
    const windows = [{ api: sends }, { api: sends }, null, null, null, { api: sends }]
    const outputs = run(before, [after], windows, facts)
    expect(rowsIn(outputs, 'api').some((row) => row.registered)).toBe(false)
  })
})

describe('a service that a configuration leaves out', () => {
  const down = { requests: 30, failed: 20 }
  const windows = Array.from({ length: 6 }, () => ({ api: down, web: sends }))
  const change = { timestampMs: at(1, 5) }
  const before = configurationOf({}, 'api', 'web')

  it('goes on unregistered, with its alerts', () => {
    const after = configurationOf({}, 'web')
    const outputs = run(before, [after], windows, [{ ...change, fact: activation(1, after) }])
    const rows = rowsIn(outputs, 'api').slice(0, 6)
    expect(rows.map(({ registered }) => registered)).toEqual([true, true, ...Array(4).fill(false)])
    expect(rows.map(({ team }) => team)).toEqual(['crew', 'crew', ...Array(4).fill(null)])
    expect(
      alertsIn(outputs)
        .filter(({ rule }) => rule === 'health')
        .map(({ type }) => type),
    ).toEqual(['AlertRaised'])
  })

  it('ends where unregistered ones are ignored, and its traffic is counted as ignored', () => {
    const after = configurationOf({ unregistered: 'ignore' }, 'web')
    const outputs = run(before, [after], windows, [{ ...change, fact: activation(1, after) }])
    expect(windowsOf(rowsIn(outputs, 'api'))).toEqual([0, 1])
    expect(windowsOf(rowsIn(outputs, 'web')).slice(0, 6)).toEqual([0, 1, 2, 3, 4, 5])
    const ended = alertsIn(outputs).filter(({ type }) => type === 'AlertResolved')
    expect(windowsOf(ended)).toEqual([2, 2])
    expect(ended).toMatchObject([
      { service: 'api', rule: 'health', reason: 'service_removed' },
      { service: 'api', rule: 'slo-burn', slo: 'availability', reason: 'service_removed' },
    ])
    // The opening slice, then the horizon of six windows.
    expect(ignoredIn(outputs).slice(0, 6)).toEqual(['', '', '', 'api 30', 'api 60', 'api 90'])
  })

  it('ends, too, when it was never registered', () => {
    const open = configurationOf({})
    const closed = configurationOf({ unregistered: 'ignore' })
    const outputs = run(open, [closed], windows, [{ ...change, fact: activation(1, closed) }])
    expect(windowsOf(rowsIn(outputs, 'web'))).toEqual([0, 1])
  })

  it('counts against the cap of unregistered ones from then on', () => {
    const after = configurationOf({ unregisteredMax: 1 })
    const later = windows.map((window, i) => (i < 4 ? window : { ...window, late: sends }))
    const facts = [{ ...change, fact: activation(1, after) }]
    const outputs = run(before, [after], later, facts)
    // More than one is there already, so none is added; none is thrown out either.
    expect(rowsIn(outputs, 'late')).toEqual([])
    expect(rowsIn(outputs, 'web').length).toBeGreaterThanOrEqual(6)
    expect(ignoredIn(outputs)[5]).toBe('late 30')
    const again = run(configurationOf({ unregisteredMax: 1 }), [before], later, [
      { ...change, fact: activation(1, before) },
    ])
    // Both are registered now, and the one place is free.
    expect(rowsIn(again, 'late').length).toBeGreaterThan(0)
  })
})

describe('a service that a configuration adds', () => {
  it('is there from the window on, though it sends nothing', () => {
    const before = configurationOf({})
    const after = configurationOf({}, 'silent')
    const facts = [{ timestampMs: at(1, 5), fact: activation(1, after) }]
    const outputs = run(before, [after], five, facts)
    expect(windowsOf(rowsIn(outputs, 'silent')).slice(0, 3)).toEqual([2, 3, 4])
  })
})

describe('a fact about a service', () => {
  it('has it followed, from the window that it acts on', () => {
    const facts = [{ timestampMs: at(1, 5), fact: deployment(1, 'batch') }]
    const outputs = run(configurationOf({}), [], five, facts)
    expect(windowsOf(rowsIn(outputs, 'batch')).slice(0, 3)).toEqual([2, 3, 4])
    expect(rowsIn(outputs, 'batch')[0]).toMatchObject({ status: 'unknown', registered: false })
  })

  it('is ignored above the cap of unregistered ones, and where these are ignored, and counted so', () => {
    const facts = [1, 2].map((n) => ({ timestampMs: at(1, n), fact: deployment(n, 'batch') }))
    for (const changes of [{ unregisteredMax: 1 }, { unregistered: 'ignore' }] as const) {
      const outputs = run(configurationOf(changes), [], five, facts)
      expect(rowsIn(outputs, 'batch')).toEqual([])
      expect(ignoredIn(outputs)[3]).toContain('batch 2')
    }
  })
})
