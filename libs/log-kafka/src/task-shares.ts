import { invariant } from '@tidemark/model'

/** A member of a group, and the tasks that it had before the group was assigned anew. */
export type Claimant = {
  readonly memberId: string
  /** Generation of the group in which it was assigned them; of two who claim a task, the later one has it. */
  readonly generation: number
  readonly tasks: readonly number[]
}

/**
 * Shares tasks among members so that none has two more than another, and so that as few change hands as this allows: whoever has tasks keeps
 * as many as a fair share has, and those who have most get the larger shares where tasks do not divide evenly. The same members give
 * the same shares in whatever order they are listed. Without claims: in turn, by the order of ids.
 */
export const shareTasks = (
  tasks: number,
  members: readonly Claimant[],
): ReadonlyMap<string, readonly number[]> => {
  invariant(members.length > 0, 'assignment: a group has members')
  const claims = claimsOf(tasks, members)
  const byId = members.map(({ memberId }) => memberId).sort()
  const claimed = (memberId: string): number[] => claims.get(memberId) ?? []
  // Sorting keeps the order of ids among those who have equally many.
  const byClaims = byId.toSorted((a, b) => claimed(b).length - claimed(a).length)
  const [least, larger] = [Math.floor(tasks / members.length), tasks % members.length]
  const quota = new Map(byClaims.map((memberId, i) => [memberId, i < larger ? least + 1 : least]))
  const shares = new Map(byId.map((id) => [id, claimed(id).slice(0, quota.get(id))]))
  const kept = new Set([...shares.values()].flat())
  const free = Array.from({ length: tasks }, (_, task) => task).filter((task) => !kept.has(task))
  for (let open = byId; free.length > 0;) {
    open = open.filter((id) => shares.get(id)!.length < quota.get(id)!)
    for (const id of open) if (free.length > 0) shares.get(id)!.push(free.shift()!)
  }
  return new Map([...shares].map(([id, share]) => [id, share.sort((a, b) => a - b)]))
}

/** Tasks of each member that claims some, ascending; each task once. */
const claimsOf = (tasks: number, members: readonly Claimant[]): Map<string, number[]> => {
  const owners = new Map<number, Claimant>()
  const isBefore = (a: Claimant, b: Claimant): boolean =>
    a.generation === b.generation ? a.memberId < b.memberId : a.generation > b.generation
  for (const member of members)
    for (const task of member.tasks) {
      const owner = owners.get(task)
      if (task < tasks && (owner === undefined || isBefore(member, owner))) owners.set(task, member)
    }
  const claims = new Map<string, number[]>()
  for (const [task, { memberId }] of [...owners].sort(([a], [b]) => a - b)) {
    const claimed = claims.get(memberId)
    if (claimed === undefined) claims.set(memberId, [task])
    else claimed.push(task)
  }
  return claims
}
