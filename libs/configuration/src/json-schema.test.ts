import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from '@jest/globals'
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import fc from 'fast-check'
import { fileForm } from './file-form.ts'
import { jsonSchema } from './json-schema.ts'
import { withReference } from './reference.ts'
import { readYaml } from './source/yaml-source.ts'
import { randomConfiguration } from './testing/random-configuration.ts'

const root = join(import.meta.dirname, '..', '..', '..')
const stale = 'run "npm run generate -w @tidemark/configuration"'

describe('what is generated from the schema', () => {
  it('is what is kept for editors', () => {
    const kept = readFileSync(join(root, 'schemas', 'tidemark.schema.json'), 'utf8')
    expect([stale, JSON.parse(kept)]).toEqual([stale, JSON.parse(JSON.stringify(jsonSchema()))])
  })

  it('is what the reference says', () => {
    const readme = readFileSync(join(import.meta.dirname, '..', 'README.md'), 'utf8')
    expect([stale, readme]).toEqual([stale, withReference(readme)])
  })
})

describe('the JSON Schema', () => {
  let validate: ValidateFunction
  beforeAll(() => {
    validate = new Ajv2020({ strictTypes: false }).compile(jsonSchema())
  })
  const faultsOf = (value: unknown): unknown => (validate(value) ? [] : validate.errors)
  const yaml = (text: string): unknown => {
    const { value } = readYaml(new TextEncoder().encode(text)).documents[0]!
    return JSON.parse(JSON.stringify(value))
  }

  it('takes every file that is written for a configuration', () => {
    fc.assert(
      fc.property(randomConfiguration, (configuration) => {
        expect(faultsOf(fileForm(configuration))).toEqual([])
      }),
    )
  })

  it('takes the example', () => {
    expect(faultsOf(yaml(readFileSync(join(root, 'examples', 'tidemark.yaml'), 'utf8')))).toEqual(
      [],
    )
  })

  it.each([
    'services:\n  checkout:\nrules:\n',
    'unregistered:',
    'services: { a: { tier: 1 } }',
    'rules: [{ id: a, kind: none }]',
  ])('takes %j', (text) => {
    expect(faultsOf(yaml(text))).toEqual([])
  })

  it.each([
    'servces: {}',
    'services: { a: { tem: x } }',
    'services: { "a b": {} }',
    'rules: [{ id: a, kind: health, severity: page }]',
    'rules: [{ id: a, kind: absence }]',
    'rules: [{ id: a, kind: absence, severity: warn }]',
    'signals: { requests: "20" }',
    'silences: {}',
  ])('does not take %j', (text) => {
    expect(faultsOf(yaml(text))).not.toEqual([])
  })
})
