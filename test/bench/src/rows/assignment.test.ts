import { expect, it } from '@jest/globals'
import { assignedBy, assignments, leastMoves } from './assignment.ts'

it('moves as few tasks as can be, evenly, while processes come and go', async () => {
  for (const seed of [1, 2, 3]) {
    const run = await assignments(1000, 60, seed)
    expect(run.movedOfLeast).toBe(1)
    expect(run.unevenMax).toBeLessThanOrEqual(1)
    expect(run.processesMax).toBeGreaterThan(5)
  }
})

it('has to move the tasks of the dead, and a fair share to whoever comes', async () => {
  expect(leastMoves(1000, [0])).toBe(1000)
  expect(leastMoves(1000, [500, 500, 0])).toBe(333)
  expect(leastMoves(1000, [334, 333])).toBe(333)
  expect(leastMoves(10, [4, 3, 3])).toBe(0)
  const all = Array.from({ length: 10 }, (_, task) => task)
  const members = new Map([
    ['old', { tasks: all, generation: 1 }],
    ['new', { tasks: [], generation: -1 }],
  ])
  const { shares } = await assignedBy(10, members)
  expect(shares.get('old')).toEqual([0, 1, 2, 3, 4])
})
