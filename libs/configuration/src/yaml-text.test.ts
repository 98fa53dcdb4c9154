import { describe, expect, it } from '@jest/globals'
import { configurationId, defaultConfiguration, type Configuration } from '@tidemark/model'
import fc from 'fast-check'
import { readConfiguration } from './read-configuration.ts'
import { randomConfiguration } from './testing/random-configuration.ts'
import { configurationYaml } from './yaml-text.ts'

const readBack = (configuration: Configuration): unknown => {
  const reading = readConfiguration(new TextEncoder().encode(configurationYaml(configuration)))
  return reading.ok ? reading.configuration : reading.faults
}

describe('the YAML of a configuration', () => {
  it('reads back as the same configuration, with the same id', () => {
    fc.assert(
      fc.property(randomConfiguration, (configuration) => {
        const read = readBack(configuration)
        expect(read).toEqual(configuration)
        expect(configurationId(read as Configuration)).toBe(configurationId(configuration))
      }),
      { numRuns: 200 },
    )
  })

  it('reads back for the default', () => {
    expect(readBack(defaultConfiguration)).toEqual(defaultConfiguration)
  })

  it('is written as people would', () => {
    expect(configurationYaml(defaultConfiguration)).toContain(`  - id: latency-p95
    kind: threshold
    severity: warning
    when: p95 > 200ms
    for: 1m
`)
  })
})
