import { invariant } from '@tidemark/model'
import type { Assigner } from 'kafkajs'
import { AssignerProtocol } from './kafkajs-internals.ts'

const { MemberAssignment, MemberMetadata } = AssignerProtocol
const version = 1

/**
 * Gives tasks to members in turn, and with task p partition p of every topic that has one: a task's inputs are never split. Members are
 * taken in the order of their ids, so every leader assigns alike.
 */
export const taskAssigner = (tasks: number, partitionsOf: (topic: string) => number): Assigner => ({
  name: 'tidemark-tasks',
  version,
  protocol: ({ topics }) => ({
    name: 'tidemark-tasks',
    metadata: MemberMetadata.encode({ version, topics, userData: Buffer.alloc(0) }),
  }),
  assign: async ({ members, topics }) => {
    const ids = members.map(({ memberId }) => memberId).sort()
    const shares = shareTasks(tasks, ids.length)
    return ids.map((memberId, i) => ({
      memberId,
      memberAssignment: MemberAssignment.encode({
        version,
        assignment: assignmentOf(shares[i]!, topics, partitionsOf),
        userData: Buffer.alloc(0),
      }),
    }))
  },
})

/** Tasks of each of `members` members. */
export const shareTasks = (tasks: number, members: number): readonly (readonly number[])[] => {
  invariant(members > 0, 'assignment: a group has members')
  const shares: number[][] = Array.from({ length: members }, () => [])
  for (let task = 0; task < tasks; task++) shares[task % members]!.push(task)
  return shares
}

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
