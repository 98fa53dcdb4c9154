import type { Assigner } from 'kafkajs'
import { AssignerProtocol } from './kafkajs-internals.ts'
import { readClaims, writeClaims, type Claims } from './task-claims.ts'
import { shareTasks } from './task-shares.ts'

const { MemberAssignment, MemberMetadata } = AssignerProtocol
const version = 1

/**
 * Shares tasks among members, who keep what they had as far as that is fair, and gives with task p partition p of every topic that has
 * one: a task's inputs are never split. What a member had it says itself when it joins, by `claims`. Every leader assigns alike.
 */
export const taskAssigner = (
  tasks: number,
  partitionsOf: (topic: string) => number,
  claims: () => Claims,
): Assigner => ({
  name: 'tidemark-tasks',
  version,
  protocol: ({ topics }) => ({
    name: 'tidemark-tasks',
    metadata: MemberMetadata.encode({ version, topics, userData: writeClaims(claims()) }),
  }),
  assign: async ({ members, topics }) => {
    const claimants = members.map(({ memberId, memberMetadata }) => ({
      memberId,
      ...readClaims(MemberMetadata.decode(memberMetadata)?.userData ?? Buffer.alloc(0)),
    }))
    return Array.from(shareTasks(tasks, claimants), ([memberId, share]) => ({
      memberId,
      memberAssignment: MemberAssignment.encode({
        version,
        assignment: assignmentOf(share, topics, partitionsOf),
        userData: Buffer.alloc(0),
      }),
    }))
  },
})

/** Partitions by topic; topics without one are left out. */
export const assignmentOf = (
  tasks: readonly number[],
  topics: readonly string[],
  partitionsOf: (topic: string) => number,
): Record<string, number[]> =>
  Object.fromEntries(
    topics
      .map((topic): [string, number[]] => [
        topic,
        tasks.filter((task) => task < partitionsOf(topic)),
      ])
      .filter(([, partitions]) => partitions.length > 0),
  )

/** The tasks of a member as the group's description has them; none before it was assigned any. */
export const tasksIn = (assignment: Buffer): readonly number[] => {
  if (assignment.length === 0) return []
  const decoded = MemberAssignment.decode(assignment)
  const assigned = Object.values(decoded?.assignment ?? {}).map((partitions) => ({ partitions }))
  return tasksOf(assigned)
}

/** The tasks that an assignment stands for. */
export const tasksOf = (
  assigned: readonly { readonly partitions: readonly number[] }[],
): readonly number[] =>
  [...new Set(assigned.flatMap(({ partitions }) => partitions))].sort((a, b) => a - b)
