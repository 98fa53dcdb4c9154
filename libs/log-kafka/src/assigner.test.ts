import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { assignmentOf, taskAssigner, tasksOf } from './assigner.ts'
import { AssignerProtocol } from './kafkajs-internals.ts'
import { noClaims } from './task-claims.ts'

describe('the assignment', () => {
  it('gives with a task the same partition of every topic that has it', () => {
    const partitionsOf = (topic: string): number => (topic === 'fleet' ? 1 : 4)
    expect(assignmentOf([0, 2], ['alerts', 'fleet'], partitionsOf)).toEqual({
      alerts: [0, 2],
      fleet: [0],
    })
    expect(assignmentOf([1], ['fleet'], partitionsOf)).toEqual({})
  })

  const memberOf = (memberId: string, generation = -1, tasks: readonly number[] = []) => ({
    memberId,
    memberMetadata: taskAssigner(
      ...[5, () => 5, () => (generation === -1 ? noClaims : { generation, tasks })],
    ).protocol({ topics: ['a', 'b'] }).metadata,
  })

  const tasksAssigned = async (members: ReturnType<typeof memberOf>[]) => {
    const assigner = taskAssigner(
      5,
      () => 5,
      () => noClaims,
    )
    const assigned = await assigner.assign({ members, topics: ['a', 'b'] })
    const reversed = await assigner.assign({ members: members.toReversed(), topics: ['a', 'b'] })
    expect(reversed).toEqual(assigned)
    return assigned.map(({ memberId, memberAssignment }) => {
      const { assignment } = AssignerProtocol.MemberAssignment.decode(memberAssignment)!
      expect(assignment.a).toEqual(assignment.b)
      const partitions = Object.values(assignment).map((of) => ({ partitions: of }))
      return { memberId, tasks: tasksOf(partitions) }
    })
  }

  it('comes out the same in whatever order a leader lists the members', async () => {
    expect(await tasksAssigned(['m3', 'm1', 'm2'].map((id) => memberOf(id)))).toEqual([
      { memberId: 'm1', tasks: [0, 3] },
      { memberId: 'm2', tasks: [1, 4] },
      { memberId: 'm3', tasks: [2] },
    ])
  })

  it('leaves with members what they say that they had', async () => {
    const members = [memberOf('m1'), memberOf('m2', 7, [0, 1, 3]), memberOf('m3', 7, [2, 4])]
    expect(await tasksAssigned(members)).toEqual([
      { memberId: 'm1', tasks: [3] },
      { memberId: 'm2', tasks: [0, 1] },
      { memberId: 'm3', tasks: [2, 4] },
    ])
  })

  it('takes members that say nothing of themselves, or what nobody understands', async () => {
    const userDatas = fc.uint8Array({ maxLength: 20 })
    await fc.assert(
      fc.asyncProperty(userDatas, async (userData) => {
        const { encode } = AssignerProtocol.MemberMetadata
        const strange = encode({ version: 1, topics: ['a', 'b'], userData: Buffer.from(userData) })
        const assigned = await tasksAssigned([
          memberOf('m1', 3, [0, 1]),
          { memberId: 'm2', memberMetadata: strange },
        ])
        expect(assigned.flatMap(({ tasks }) => tasks).sort()).toEqual([0, 1, 2, 3, 4])
      }),
    )
  })
})
