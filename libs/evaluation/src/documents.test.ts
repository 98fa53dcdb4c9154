import { describe, expect, it } from '@jest/globals'
import type { Checkpoint } from '@tidemark/model'
import {
  CheckpointFormatError,
  documentsOf,
  partCounts,
  partsOf,
  type Documents,
} from './documents.ts'

const allParts = (documents: Documents, before: Checkpoint = new Map()): Checkpoint =>
  new Map(
    [...documents].flatMap(([name, value]) => [...partsOf({ name, value: () => value }, before)]),
  )

describe('documents of a checkpoint', () => {
  const large = 'é'.repeat(700_000)
  const documents = new Map<string, unknown>([
    ['head', { a: 1, name: 'Zürich' }],
    ['services.07', [large]],
  ])

  it('are cut into parts below the largest send and come back whole', () => {
    const parts = allParts(documents)
    expect([...parts.keys()]).toEqual(['head.0', 'services.07.0', 'services.07.1'])
    for (const part of parts.values()) expect(part.length).toBeLessThan(900_000)
    expect(documentsOf(parts, partCounts(parts))).toEqual(documents)
  })

  it('keep the arrays of parts that did not change', () => {
    const before = allParts(documents)
    const after = allParts(new Map([...documents, ['head', { a: 2 }]]), before)
    expect(after.get('services.07.0')).toBe(before.get('services.07.0'))
    expect(after.get('head.0')).not.toBe(before.get('head.0'))
  })

  it('are refused when a part is missing', () => {
    const parts = allParts(documents)
    const counts = partCounts(parts)
    const torn = new Map([...parts].filter(([key]) => key !== 'services.07.1'))
    expect(() => documentsOf(torn, counts)).toThrow(CheckpointFormatError)
  })
})
