import type { TestEvent, TestRecord, TestRecords } from './plain-aggregates.ts'

/** Start of all steady scenarios, aligned to the minute. */
export const beginUs = 1_700_000_040_000_000

/** What a service sends in one window: numbers of requests and checks, and how many of each fail. */
export type Sent = {
  readonly requests?: number
  readonly failed?: number
  readonly latencyUs?: number
  readonly checks?: number
  readonly checksFailed?: number
}

/** A window of 10 s, by service; null: nobody watches, there is not even a tick. */
export type SteadyWindow = { readonly [service: string]: Sent } | null

/**
 * Records of windows one after the other: every source is ticked each second, and what a service sends is in the first record of the window.
 * At the end 20 s of ticks, so that every window is closed.
 */
export const steadyRecords = (windows: readonly SteadyWindow[]): TestRecords => {
  const requests: TestRecord[] = []
  const checks: TestRecord[] = []
  const facts: TestRecord[] = []
  const all: readonly SteadyWindow[] = [...windows, {}, {}]
  all.forEach((window, index) => {
    if (window === null) return
    for (let second = 0; second < 10; second++) {
      const timestampMs = beginUs / 1000 + index * 10_000 + second * 1000
      const sent = second === 0 ? Object.entries(window) : []
      const at = (event: Pick<TestEvent, 'service' | 'ok' | 'latencyUs'>): TestEvent => ({
        ...event,
        atUs: timestampMs * 1000,
      })
      requests.push({ timestampMs, events: sent.flatMap(requestsOf).map(at) })
      checks.push({ timestampMs, events: sent.flatMap(checksOf).map(at) })
      facts.push({ timestampMs, events: [] })
    }
  })
  return { requests, 'health-checks': checks, facts }
}

/** The end of the n-th window, from 0. */
export const endOfWindow = (index: number): number => beginUs + (index + 1) * 10_000_000

type Plain = Pick<TestEvent, 'service' | 'ok' | 'latencyUs'>

const requestsOf = ([service, sent]: readonly [string, Sent]): readonly Plain[] =>
  Array.from({ length: sent.requests ?? 0 }, (_, index) => ({
    service,
    ok: index >= (sent.failed ?? 0),
    latencyUs: sent.latencyUs ?? 20_000,
  }))

const checksOf = ([service, sent]: readonly [string, Sent]): readonly Plain[] =>
  Array.from({ length: sent.checks ?? 0 }, (_, index) => ({
    service,
    ok: index >= (sent.checksFailed ?? 0),
    latencyUs: 1000,
  }))
