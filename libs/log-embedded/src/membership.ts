import type { HostSpec, TaskOwner, Want } from '@tidemark/log'
import type { Checkpoint } from '@tidemark/model'
import { readCheckpoint, readPositions } from './checkpoints.ts'
import type { Database, Row } from './database.ts'
import { hostOf, isDead, type ProcessIdentity } from './process-identity.ts'

/** One host of a processor, as the others see it. */
export type Member = {
  readonly id: string
  readonly spec: HostSpec
  readonly process: ProcessIdentity
}

/** What a member learns from a look at all of them. */
export type Round = {
  /** Tasks at work that are somebody else's by now. */
  readonly lost: readonly number[]
  /** How many of the tasks at work are above this member's share. */
  readonly excess: number
  readonly acquired: readonly AcquiredTask[]
  /** Rises whenever the other members have a reason for a round. */
  readonly generation: number
  /** Whether this round gave them one. */
  readonly hasNews: boolean
}

export type AcquiredTask = {
  readonly task: number
  readonly epoch: number
  /** As the last owner left it, who cannot commit any more. */
  readonly checkpoint: Checkpoint | null
  readonly positions: readonly Want[]
}

export type RoundRequest = {
  /** Tasks at work and their epochs, those that are about to stop included. What the member owns beside them it gives back. */
  readonly held: ReadonlyMap<number, number>
  /** Tasks that this member does not want now. */
  readonly notNow: ReadonlySet<number>
  /** One that is about to leave takes nothing. */
  readonly isLeaving: boolean
  readonly nowMs: number
  readonly leaseMs: number
}

/** Makes the processor and its tasks known: from now on retention keeps what they have not read. Within a transaction. */
export const registerProcessor = (
  database: Database,
  { processor, topics, tasks }: HostSpec,
): void => {
  database.run('insert or ignore into processor (processor) values (?)', processor)
  for (const topic of topics)
    database.run('insert or ignore into reader (processor, topic) values (?, ?)', processor, topic)
  for (let task = 0; task < tasks; task++)
    database.run('insert or ignore into task (processor, task) values (?, ?)', processor, task)
}

/**
 * Renews the member's lease, gives back what it has finished, removes the dead, and shares the tasks: as evenly as they go, the
 * members that joined first have one more. A member takes free tasks up to its share and is told how many it has above it; so
 * a task changes hands only after its owner has let go of it. Within a transaction.
 */
export const holdRound = (database: Database, member: Member, request: RoundRequest): Round => {
  const { spec, id } = member
  const { held, nowMs } = request
  const before = generationOf(database, spec.processor)
  renewLease(database, member, nowMs + request.leaseMs)
  const members = database.all(
    'select * from member where processor = ? order by joined',
    spec.processor,
  )
  const dead = members.filter((row) => row.member !== id && isGone(row, member.process, nowMs))
  for (const row of dead) removeMember(database, { id: String(row.member), spec })
  const live = members.filter((row) => !dead.includes(row)).map((row) => String(row.member))
  const owned = ownedTasks(database, member)
  for (const [task, epoch] of owned)
    if (held.get(task) !== epoch) {
      releaseTask(database, spec.processor, task)
      owned.delete(task)
    }
  const share = request.isLeaving ? 0 : shareOf(spec.tasks, live.length, live.indexOf(id))
  const wanted = freeTasks(database, member, request).slice(0, Math.max(0, share - owned.size))
  const generation = generationOf(database, spec.processor)
  return {
    lost: [...held.keys()].filter((task) => !owned.has(task)),
    excess: Math.max(0, owned.size - share),
    acquired: wanted.map((task) => acquire(database, member, task)),
    generation,
    hasNews: generation !== before,
  }
}

export const generationOf = (database: Database, processor: string): number =>
  Number(
    database.first('select generation from processor where processor = ?', processor)?.generation,
  )

/** Takes a member out, with all that it owns. Within a transaction. */
export const removeMember = (
  database: Database,
  { id, spec }: Pick<Member, 'id' | 'spec'>,
): void => {
  database.run('update task set member = null where member = ?', id)
  database.run('delete from member where member = ?', id)
  raiseGeneration(database, spec.processor)
}

export const ownsTask = (
  database: Database,
  { id, spec }: Member,
  task: number,
  epoch: number,
): boolean =>
  database.first(
    'select 1 from task where processor = ? and task = ? and epoch = ? and member = ?',
    ...[spec.processor, task, epoch, id],
  ) !== undefined

/** Whom the tasks of a processor belong to; an owner that is gone has none, though nobody has taken them yet. */
export const taskOwners = (
  database: Database,
  processor: string,
  { process, nowMs }: { readonly process: ProcessIdentity; readonly nowMs: number },
): readonly TaskOwner[] =>
  database
    .all(
      `select task.task, member.* from task
       join member on member.member = task.member where task.processor = ? order by task.task`,
      processor,
    )
    .filter((row) => !isGone(row, process, nowMs))
    .map(({ task, member, machine, pid }) => ({
      task: Number(task),
      member: String(member),
      host: hostOf(String(machine)),
      pid: Number(pid),
    }))

const ownedTasks = (database: Database, { id, spec }: Member): Map<number, number> =>
  new Map(
    database
      .all('select task, epoch from task where processor = ? and member = ?', spec.processor, id)
      .map((row) => [Number(row.task), Number(row.epoch)]),
  )

const freeTasks = (
  database: Database,
  { spec }: Member,
  { held, notNow }: RoundRequest,
): readonly number[] =>
  database
    .all('select task from task where processor = ? and member is null', spec.processor)
    .map((row) => Number(row.task))
    .filter((task) => task < spec.tasks && !held.has(task) && !notNow.has(task))

const releaseTask = (database: Database, processor: string, task: number): void => {
  database.run('update task set member = null where processor = ? and task = ?', processor, task)
  raiseGeneration(database, processor)
}

const raiseGeneration = (database: Database, processor: string): void => {
  database.run('update processor set generation = generation + 1 where processor = ?', processor)
}

/** Joins; or joins again, when the others had given the member up. */
const renewLease = (database: Database, member: Member, untilMs: number): void => {
  const { id, spec, process } = member
  const renewed = database.run('update member set lease_until_ms = ? where member = ?', untilMs, id)
  if (renewed > 0) return
  database.run(
    `insert into member (member, processor, machine, pid, started, lease_until_ms)
     values (?, ?, ?, ?, ?, ?)`,
    ...[id, spec.processor, process.machine, process.pid, process.started, untilMs],
  )
  raiseGeneration(database, spec.processor)
}

const isGone = (row: Row, process: ProcessIdentity, nowMs: number): boolean =>
  Number(row.lease_until_ms) < nowMs ||
  (row.machine === process.machine &&
    isDead({
      pid: Number(row.pid),
      started: row.started === null ? null : String(row.started),
    }))

const shareOf = (tasks: number, members: number, rank: number): number =>
  Math.floor(tasks / members) + (rank < tasks % members ? 1 : 0)

/** The next epoch fences whoever had the task; only then the checkpoint is read. */
const acquire = (database: Database, { id, spec }: Member, task: number): AcquiredTask => {
  const row = database.first(
    'update task set epoch = epoch + 1, member = ? where processor = ? and task = ? returning epoch',
    ...[id, spec.processor, task],
  )
  const key = { processor: spec.processor, task }
  return {
    task,
    epoch: Number(row?.epoch),
    checkpoint: readCheckpoint(database, key),
    positions: readPositions(database, key),
  }
}
