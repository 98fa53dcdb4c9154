import { describe, expect, it } from '@jest/globals'
import { defaultConfiguration } from '@tidemark/model'
import { classify } from './classify.ts'
import { signals } from './testing/signals.ts'

const { health } = defaultConfiguration

describe('classify', () => {
  it('calls 100 requests, 6 errors, p99 400 ms degraded', () => {
    expect(classify(signals({ requests: 100, failed: 6, p99Us: 400_000 }), health)).toBe('degraded')
  })

  it('calls an error rate of exactly 10 % degraded, not critical', () => {
    expect(classify(signals({ requests: 100, failed: 10 }), health)).toBe('degraded')
    expect(classify(signals({ requests: 1000, failed: 101 }), health)).toBe('critical')
  })

  it('calls an error rate of exactly 5 % healthy', () => {
    expect(classify(signals({ requests: 100, failed: 5 }), health)).toBe('healthy')
  })

  it('calls a p99 of exactly 500 ms healthy', () => {
    expect(classify(signals({ requests: 100, p99Us: 500_000 }), health)).toBe('healthy')
    expect(classify(signals({ requests: 100, p99Us: 500_001 }), health)).toBe('degraded')
  })

  it('calls a p99 of exactly 1000 ms degraded', () => {
    expect(classify(signals({ requests: 100, p99Us: 1_000_000 }), health)).toBe('degraded')
    expect(classify(signals({ requests: 100, p99Us: 1_000_001 }), health)).toBe('critical')
  })

  it('does not call an availability of exactly 95 % down', () => {
    expect(classify(signals({ checks: 100, passed: 95 }), health)).toBe('healthy')
    expect(classify(signals({ checks: 1000, passed: 949 }), health)).toBe('down')
  })

  it('calls a service without any signal unknown', () => {
    expect(classify(signals({}), health)).toBe('unknown')
  })

  it('lets the first match win', () => {
    const both = signals({ requests: 100, failed: 50, checks: 10, passed: 1 })
    expect(classify(both, health)).toBe('down')
    const slow = signals({ requests: 100, failed: 6, p99Us: 2_000_000, checks: 10, passed: 10 })
    expect(classify(slow, health)).toBe('critical')
  })

  it('goes by the lower bound of a latency', () => {
    const base = signals({ requests: 100, p99Us: 501_759 })
    const latency = base.latency && {
      ...base.latency,
      p99: { valueUs: 501_759, lowUs: 499_712, highUs: 501_759 },
    }
    expect(classify({ ...base, latency }, health)).toBe('healthy')
  })
})
