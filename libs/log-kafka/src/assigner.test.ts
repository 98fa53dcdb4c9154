import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { assignmentOf, shareTasks, taskAssigner, tasksOf } from './assigner.ts'
import { AssignerProtocol } from './kafkajs-internals.ts'

describe('the assignment', () => {
  it('gives each task to one member, and no member two more than another', () => {
    fc.assert(
      fc.property(fc.nat(60), fc.integer({ min: 1, max: 12 }), (tasks, members) => {
        const shares = shareTasks(tasks, members)
        expect(shares.flat().sort((a, b) => a - b)).toEqual(
          Array.from({ length: tasks }, (_, i) => i),
        )
        const sizes = shares.map(({ length }) => length)
        expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1)
      }),
    )
  })

  it('gives with a task the same partition of every topic that has it', () => {
    const partitionsOf = (topic: string): number => (topic === 'fleet' ? 1 : 4)
    expect(assignmentOf([0, 2], ['alerts', 'fleet'], partitionsOf)).toEqual({
      alerts: [0, 2],
      fleet: [0],
    })
    expect(assignmentOf([1], ['fleet'], partitionsOf)).toEqual({})
  })

  it('comes out the same in whatever order a leader lists the members', async () => {
    const assigner = taskAssigner(5, () => 5)
    const metadata = assigner.protocol({ topics: ['a', 'b'] }).metadata
    const members = ['m3', 'm1', 'm2'].map((memberId) => ({ memberId, memberMetadata: metadata }))
    const assigned = await assigner.assign({ members, topics: ['a', 'b'] })
    expect(await assigner.assign({ members: members.toReversed(), topics: ['a', 'b'] })).toEqual(
      assigned,
    )
    const tasks = assigned.map(({ memberId, memberAssignment }) => {
      const { assignment } = AssignerProtocol.MemberAssignment.decode(memberAssignment)!
      expect(assignment.a).toEqual(assignment.b)
      return [memberId, tasksOf(Object.values(assignment).map((partitions) => ({ partitions })))]
    })
    expect(tasks).toEqual([
      ['m1', [0, 3]],
      ['m2', [1, 4]],
      ['m3', [2]],
    ])
  })
})
