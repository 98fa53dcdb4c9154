import { describe, expect, it } from '@jest/globals'
import { topicOfEvent, type Id } from '@tidemark/model'
import { currentSchemas } from '@tidemark/schemas'
import { schemasFitTypes, type DriftOf } from './drift.ts'

type Planted = {
  readonly type: 'record'
  readonly name: 'Planted'
  readonly fields: readonly [
    { readonly name: 'id'; readonly type: { type: 'fixed'; name: 'Id'; size: 16 } },
    { readonly name: 'other'; readonly type: 'Id' },
    { readonly name: 'state'; readonly type: { type: 'enum'; symbols: readonly ['on', 'off'] } },
    { readonly name: 'count'; readonly type: readonly ['null', 'long'] },
    { readonly name: 'rows'; readonly type: { readonly type: 'array'; readonly items: Row } },
  ]
}

type Row = {
  readonly type: 'record'
  readonly name: 'Row'
  readonly fields: readonly [{ readonly name: 'text'; readonly type: 'string' }]
}

type Same = {
  readonly type: 'Planted'
  readonly id: Id
  readonly other: Id
  readonly state: 'on' | 'off'
  readonly count: number | null
  readonly rows: readonly { readonly text: 'a' | 'b' }[]
}

/** Compiles only where `Found` is exactly what is expected; so the compiler runs these tests. */
const finds = <Found>(...expected: [Found] extends [never] ? [] : [Found]): unknown => expected[0]

describe('the comparison of schemas and types', () => {
  it('finds them equal', () => {
    expect(schemasFitTypes).toEqual({})
  })

  it('knows a schema for every event and an event for every schema', () => {
    expect(Object.keys(currentSchemas).sort()).toEqual(Object.keys(topicOfEvent).sort())
  })

  it('finds nothing where they agree, closed lists included', () => {
    expect(finds<DriftOf<Planted, Same, 'P'>>()).toBeUndefined()
  })

  it('finds a field that only one side has, at any depth', () => {
    type InType = Same & { readonly extra: number }
    type InRow = Omit<Same, 'rows'> & { readonly rows: readonly Record<'text' | 'more', string>[] }
    expect(finds<DriftOf<Planted, InType, 'P'>>('P.extra: in the type only')).toContain('P.')
    expect(finds<DriftOf<Planted, InRow, 'P'>>('P.rows[].more: in the type only')).toContain('P.')
    expect(
      finds<DriftOf<Planted, Omit<Same, 'other'>, 'P'>>('P.other: in the schema only'),
    ).toContain('P.')
  })

  it('finds another type, another list of symbols, another nullability, a missing brand', () => {
    type Text = Omit<Same, 'count'> & { readonly count: string | null }
    type Symbols = Omit<Same, 'state'> & { readonly state: 'on' }
    type Required = Omit<Same, 'count'> & { readonly count: number }
    type Optional = Omit<Same, 'id'> & { readonly id: Id | null }
    type Bare = Omit<Same, 'id'> & { readonly id: string }
    expect(finds<DriftOf<Planted, Text, 'P'>>('P.count: another type')).toContain('P.')
    expect(finds<DriftOf<Planted, Symbols, 'P'>>('P.state: another type')).toContain('P.')
    expect(finds<DriftOf<Planted, Required, 'P'>>('P.count: null in the schema only')).toContain(
      'P.',
    )
    expect(finds<DriftOf<Planted, Optional, 'P'>>('P.id: another type')).toContain('P.')
    expect(finds<DriftOf<Planted, Bare, 'P'>>('P.id: another type')).toContain('P.')
  })
})
