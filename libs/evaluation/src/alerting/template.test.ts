import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import {
  fillTemplate,
  parseTemplate,
  summaryLengthMax,
  summaryNames,
  templateFaults,
  type SummaryName,
} from './template.ts'

const values = Object.fromEntries(summaryNames.map((name) => [name, `<${name}>`])) as Record<
  SummaryName,
  string | null
>
const fill = (text: string, changes: Partial<typeof values> = {}): string =>
  fillTemplate(parseTemplate(text), { ...values, ...changes })

describe('the template of a summary', () => {
  it('puts values in the place of names, and a dash for what is absent', () => {
    expect(fill('{{service}}: {{ value }} ({{team}})', { team: null })).toBe(
      '<service>: <value> (-)',
    )
  })

  it('evaluates nothing, in values neither', () => {
    expect(fill('{{service}}', { service: '{{team}} $& $1' })).toBe('{{team}} $& $1')
    expect(fill('{{service.length}} {{constructor}}')).toBe('{{service.length}} {{constructor}}')
  })

  it('is cut where it becomes too long', () => {
    const text = fill('{{words}}'.repeat(50), { words: 'x'.repeat(100) })
    expect(Array.from(text)).toHaveLength(summaryLengthMax)
    expect(text.endsWith('x…')).toBe(true)
  })

  it.each([
    ['{{nobody}}', '{{nobody}} is not known; known are service, team, tier'],
    ['{{service', 'has {{ without }}'],
    ['service}}', 'or }} without {{'],
    ['x'.repeat(1001), 'is longer than 1000 characters'],
  ])('is refused as %p', (text, fault) => {
    expect(templateFaults(text)).toEqual([expect.stringContaining(fault)])
  })

  it('has no faults where every name is known', () => {
    expect(templateFaults(summaryNames.map((name) => `{{${name}}} {x}`).join(' '))).toEqual([])
  })

  it('is itself where it has no names', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), (text) => {
        fc.pre(!text.includes('{{'))
        expect(fill(text)).toBe(text)
      }),
    )
  })
})
