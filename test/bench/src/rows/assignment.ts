import { taskAssigner, tasksOf } from '@tidemark/log-kafka/assigner'
import kafkajs from 'kafkajs'
import { measured } from '../harness/measured.ts'
import { randomOf } from '../harness/random.ts'
import type { Row, Run } from '../harness/row.ts'

// A thousand tasks over 1 to 64 processes that join, leave and die, by the assigner that the group's leader runs, metadata of the protocol
// included: what changes hands, against the least that any even assignment could move, and how long it takes.

const { MemberAssignment } = kafkajs.AssignerProtocol
const topics = ['requests', 'health-checks', 'facts']
const processesMax = 64

type Member = { readonly tasks: readonly number[]; readonly generation: number }

type Assigned = {
  readonly shares: ReadonlyMap<string, readonly number[]>
  readonly metadataBytes: number
}

/** What the leader says to these members, after they have said what they had; and the bytes that they said it in. */
export const assignedBy = async (
  tasks: number,
  members: ReadonlyMap<string, Member>,
): Promise<Assigned> => {
  const assignerOf = (member: Member) =>
    taskAssigner(
      tasks,
      () => tasks,
      () => member,
    )
  const joining = Array.from(members, ([memberId, member]) => ({
    memberId,
    memberMetadata: assignerOf(member).protocol({ topics }).metadata,
  }))
  const leader = assignerOf({ tasks: [], generation: -1 })
  const assigned = await leader.assign({ members: joining, topics })
  const sharesOf = ({ memberId, memberAssignment }: (typeof assigned)[number]) => {
    const { assignment } = MemberAssignment.decode(memberAssignment)!
    const partitions = Object.values(assignment).map((of) => ({ partitions: of }))
    return [memberId, tasksOf(partitions)] as const
  }
  return {
    shares: new Map(assigned.map(sharesOf)),
    metadataBytes: joining.reduce((sum, { memberMetadata }) => sum + memberMetadata.length, 0),
  }
}

/** Tasks that must change hands so that shares are even among these members: those of nobody, and what is above a fair share. */
export const leastMoves = (tasks: number, had: readonly number[]): number => {
  const [least, larger] = [Math.floor(tasks / had.length), tasks % had.length]
  const most = had.toSorted((a, b) => b - a)
  return most.reduce((left, of, i) => left - Math.min(of, i < larger ? least + 1 : least), tasks)
}

/** Members come and go, up to four at once, between 1 and 64 of them. */
const change = (members: Map<string, Member>, random: () => number, nextId: () => string): void => {
  const count = 1 + Math.floor(4 * random())
  for (let i = 0; i < count; i++) {
    const ids = [...members.keys()]
    if (ids.length < processesMax && (ids.length === 1 || random() < 0.55))
      members.set(nextId(), { tasks: [], generation: -1 })
    else if (ids.length > 1) members.delete(ids[Math.floor(random() * ids.length)]!)
  }
}

type Assign = (tasks: number, members: ReadonlyMap<string, Member>) => Promise<Assigned>

/** Without a memory: in turn, by the order of ids. */
const inTurn: Assign = async (tasks, members) => ({
  shares: new Map(
    [...members.keys()].sort().map((id, i) => {
      const count = Math.ceil((tasks - i) / members.size)
      return [id, Array.from({ length: count }, (_, k) => i + k * members.size)]
    }),
  ),
  metadataBytes: 0,
})

export const assignments = async (
  tasks: number,
  changes: number,
  seed: number,
  assign: Assign = assignedBy,
): Promise<Run> => {
  const random = randomOf(seed)
  let ids = 0
  // As the coordinator does: an id that nobody can foresee.
  const nextId = (): string => `member-${Math.floor(random() * 1e9)}-${ids++}`
  let members = new Map<string, Member>([[nextId(), { tasks: [], generation: -1 }]])
  const sums = { moved: 0, least: 0, unevenMax: 0, metadataBytesMax: 0, processesMax: 0 }
  const took = await measured(async () => {
    for (let generation = 1; generation <= changes; generation++) {
      if (generation > 1) change(members, random, nextId)
      const { shares, metadataBytes } = await assign(tasks, members)
      const had = Array.from(members.values(), (member) => member.tasks.length)
      const kept = [...shares].flatMap(([id, share]) => {
        const before = new Set(members.get(id)!.tasks)
        return share.filter((task) => before.has(task))
      })
      sums.moved += tasks - kept.length
      sums.least += leastMoves(tasks, had)
      const sizes = Array.from(shares.values(), ({ length }) => length)
      if (new Set([...shares.values()].flat()).size !== tasks) throw new Error('a task was lost')
      sums.unevenMax = Math.max(sums.unevenMax, Math.max(...sizes) - Math.min(...sizes))
      sums.metadataBytesMax = Math.max(sums.metadataBytesMax, metadataBytes)
      sums.processesMax = Math.max(sums.processesMax, members.size)
      members = new Map([...shares].map(([id, share]) => [id, { tasks: share, generation }]))
    }
  })
  const { moved, least, ...most } = sums
  return {
    ...most,
    movedOfLeast: moved / least,
    movedPerChange: moved / changes,
    cpuMsPerChange: took.cpuMs / changes,
  }
}

export const assignment: Row = {
  name: 'assignment',
  title: '1,000 tasks over 1 to 64 processes',
  promises: [
    {
      ...{ what: 'tasks that change hands, of the fewest that could', side: 'assigner' },
      ...{ figure: 'movedOfLeast', goal: { atMost: 1 } },
    },
    {
      ...{ what: 'tasks that one has more than another', side: 'assigner', figure: 'unevenMax' },
      goal: { atMost: 1 },
    },
    {
      ...{ what: 'tasks that change hands', side: 'assigner', against: 'in turn' },
      figure: 'movedPerChange',
    },
    { what: 'CPU ms of a change', side: 'assigner', figure: 'cpuMsPerChange' },
    { what: 'tasks that change hands in a change', side: 'assigner', figure: 'movedPerChange' },
    {
      what: 'bytes that all members say of themselves',
      ...{ side: 'assigner', figure: 'metadataBytesMax' },
    },
  ],
  open: async ({ scale, seed }) => {
    const changes = Math.ceil(500 * scale)
    const run = (assign: Assign) => (repetition: number) =>
      assignments(1000, changes, seed + repetition, assign)
    return {
      conditions: `${changes} changes of the group, 1 to 4 processes come, leave or die in each`,
      sides: [
        { name: 'assigner', run: run(assignedBy) },
        { name: 'in turn', run: run(inTurn) },
      ],
    }
  },
}
