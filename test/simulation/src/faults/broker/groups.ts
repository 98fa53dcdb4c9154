import type { HostSpec, TaskOwner } from '@tidemark/log'
import type { Scheduler } from '../scheduler.ts'

/** The coordinator of groups: who takes part in a processor, and which of its tasks are whose. */
export type Groups = {
  /** Resolves when all members have joined, or the others have been given up. A member that the group does not know is a new one. */
  readonly join: (spec: HostSpec, member: string | null, host: string) => Promise<Joined>
  /** `rebalance`: give everything back and join again; `lost`: the tasks are somebody else's. */
  readonly beat: (processor: string, member: string, generation: number) => Beat
  readonly leave: (processor: string, member: string) => void
  /** Begins a rebalance without a cause. */
  readonly disturb: (processor: string) => boolean
  /** Forgets all members, as if none had been heard of for too long. */
  readonly expire: (processor: string) => void
  readonly owners: (processor: string) => readonly TaskOwner[]
}

export type Joined = {
  readonly member: string
  readonly generation: number
  readonly tasks: readonly number[]
}
export type Beat = 'good' | 'rebalance' | 'lost'

export type GroupSettings = { readonly sessionMs: number; readonly rebalanceMs: number }

type Member = {
  readonly id: string
  readonly host: string
  heardMs: number
  answer: ((joined: Joined) => void) | null
  tasks: readonly number[]
}

type Group = {
  readonly members: Map<string, Member>
  tasks: number
  generation: number
  isJoining: boolean
}

/** How long a new group waits for company. */
const firstJoinMs = 20

export const groups = (time: Scheduler, settings: GroupSettings): Groups => {
  const byName = new Map<string, Group>()
  let memberCount = 0

  const groupOf = (processor: string): Group => {
    const known = byName.get(processor)
    if (known !== undefined) return known
    const made = { members: new Map(), tasks: 0, generation: 0, isJoining: false }
    byName.set(processor, made)
    return made
  }

  const beginRebalance = (group: Group): void => {
    if (group.isJoining) return
    group.isJoining = true
    const { generation } = group
    const waitMs = isAwaited(group) ? settings.rebalanceMs : firstJoinMs
    time.at(time.nowMs() + waitMs, () => {
      if (group.isJoining && group.generation === generation) complete(group)
    })
  }

  /** Whoever has not joined by now is given up. */
  const complete = (group: Group): void => {
    for (const member of [...group.members.values()])
      if (member.answer === null) group.members.delete(member.id)
    group.isJoining = false
    group.generation++
    const members = [...group.members.values()]
    for (const [index, member] of members.entries()) {
      member.tasks = Array.from({ length: group.tasks }, (_, task) => task).filter(
        (task) => (task + group.generation) % members.length === index,
      )
      member.heardMs = time.nowMs()
      const { answer, id, tasks } = member
      member.answer = null
      answer?.({ member: id, generation: group.generation, tasks })
    }
  }

  const completeWhenAllJoined = (group: Group): void => {
    if (group.isJoining && !isAwaited(group) && group.members.size > 1) complete(group)
  }

  const forgetSilent = (group: Group): void => {
    for (const member of [...group.members.values()]) {
      if (member.answer !== null || time.nowMs() - member.heardMs < settings.sessionMs) continue
      group.members.delete(member.id)
      beginRebalance(group)
    }
    completeWhenAllJoined(group)
  }

  return {
    join: ({ processor, tasks }, known, host) =>
      new Promise((answer) => {
        const group = groupOf(processor)
        group.tasks = tasks
        const id = known !== null && group.members.has(known) ? known : `member-${++memberCount}`
        const heardMs = time.nowMs()
        group.members.set(id, { id, host, heardMs, answer, tasks: [] })
        beginRebalance(group)
        forgetSilent(group)
      }),
    beat: (processor, id, generation) => {
      const group = groupOf(processor)
      forgetSilent(group)
      const member = group.members.get(id)
      if (member === undefined || generation < group.generation) return 'lost'
      member.heardMs = time.nowMs()
      return group.isJoining ? 'rebalance' : 'good'
    },
    leave: (processor, id) => {
      const group = groupOf(processor)
      if (group.members.delete(id) && group.members.size > 0) {
        beginRebalance(group)
        completeWhenAllJoined(group)
      }
    },
    disturb: (processor) => {
      const group = groupOf(processor)
      if (group.isJoining || group.members.size === 0) return false
      beginRebalance(group)
      return true
    },
    expire: (processor) => {
      groupOf(processor).members.clear()
    },
    owners: (processor) =>
      [...groupOf(processor).members.values()]
        .flatMap(({ id, host, tasks }) =>
          tasks.map((task) => ({ task, member: id, host, pid: null })),
        )
        .sort((a, b) => a.task - b.task),
  }
}

/** Whether somebody has yet to join again. */
const isAwaited = ({ members }: Group): boolean =>
  [...members.values()].some(({ answer }) => answer === null)
