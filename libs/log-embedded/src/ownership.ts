import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import type { Database, Row } from './database.ts'

/** A process as a member of a processor names itself, so that its death can be seen from the outside. */
export type Owner = { readonly host: string; readonly pid: number; readonly started: string }

export const thisProcess = (): Owner => ({
  host: hostname(),
  pid: process.pid,
  started: startOf(process.pid) ?? '',
})

/** When a process started, in a spelling of the system's own: tells a process from a later one with the same number. */
const startOf = (pid: number): string | null => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The command, in parentheses, may hold spaces; the start is the 20th field after it.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''
  } catch {
    return null
  }
}

const isAlive = ({ pid, started }: Owner): boolean => {
  try {
    process.kill(pid, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false
  }
  const now = startOf(pid)
  return now === null || started === '' || now === started
}

export type Membership = {
  readonly database: Database
  readonly processor: string
  readonly tasks: number
  readonly member: string
  readonly owner: Owner
  readonly nowMs: () => number
}

/** What a member should do now. */
export type Plan = {
  /** Tasks above the member's share, to be given up. */
  readonly release: readonly number[]
  /** Tasks to run that are acquired by now, with their epochs. */
  readonly acquired: ReadonlyMap<number, number>
}

const leaseMs = 10_000
const renewMs = 3000

/** Joins, or renews the lease. */
export const renewLease = ({ database, processor, member, owner, nowMs }: Membership): void => {
  database.run(
    upsertMember,
    processor,
    member,
    owner.host,
    owner.pid,
    owner.started,
    nowMs() + leaseMs,
  )
}

const upsertMember = `insert into member (processor, member, host, pid, started, lease_until_ms)
  values (?, ?, ?, ?, ?, ?) on conflict do update set lease_until_ms = excluded.lease_until_ms`

/**
 * One look at who is there: removes the dead, renews the lease when it is due, takes free tasks up to the member's share and says
 * which are above it. Writes only when there is something to write.
 */
export const takeShare = (
  membership: Membership,
  held: ReadonlySet<number>,
  blocked: ReadonlySet<number>,
): Plan => {
  const { database, processor, tasks, member, nowMs } = membership
  const members = database.all(
    'select * from member where processor = ? order by member',
    processor,
  )
  const dead = members.filter((row) => row.member !== member && isDead(membership, row))
  const mine = members.find((row) => row.member === member)
  const live = members.filter((row) => !dead.includes(row)).map((row) => String(row.member))
  const rank = Math.max(0, live.indexOf(member))
  const share = shareOf(tasks, Math.max(1, live.length), rank)
  const free = freeTasks(membership, dead).filter((task) => !held.has(task) && !blocked.has(task))
  const wanted = free.slice(0, Math.max(0, share - held.size))
  const isRenewalDue =
    mine === undefined || Number(mine.lease_until_ms) - nowMs() < leaseMs - renewMs
  const acquired = new Map<number, number>()
  if (isRenewalDue || dead.length > 0 || wanted.length > 0)
    database.transaction(() => {
      renewLease(membership)
      for (const row of dead) removeMember(database, processor, String(row.member))
      for (const task of wanted) {
        const epoch = acquire(membership, task)
        if (epoch !== null) acquired.set(task, epoch)
      }
    })
  return { release: [...held].sort((a, b) => a - b).slice(share), acquired }
}

const isDead = ({ owner, nowMs }: Membership, row: Row): boolean =>
  Number(row.lease_until_ms) <= nowMs() ||
  (row.host === owner.host &&
    !isAlive({ host: owner.host, pid: Number(row.pid), started: String(row.started) }))

/** Tasks as evenly as they go; the first members have one more. */
const shareOf = (tasks: number, members: number, rank: number): number =>
  Math.floor(tasks / members) + (rank < tasks % members ? 1 : 0)

const freeTasks = (
  { database, processor, tasks }: Membership,
  dead: readonly Row[],
): readonly number[] => {
  const owners = new Map(
    database
      .all('select task, member from task where processor = ?', processor)
      .map((row) => [Number(row.task), row.member]),
  )
  const isFree = (task: number): boolean => {
    const owner = owners.get(task) ?? null
    return owner === null || dead.some((row) => row.member === owner)
  }
  return Array.from({ length: tasks }, (_, task) => task).filter(isFree)
}

/** Takes a task that is free, and with it the next epoch: whoever held it before is fenced. Null: somebody was faster. */
const acquire = ({ database, processor, member }: Membership, task: number): number | null => {
  const row = database.first(
    `insert into task (processor, task, epoch, member) values (?, ?, 1, ?)
     on conflict do update set epoch = epoch + 1, member = excluded.member where task.member is null
     returning epoch`,
    processor,
    task,
    member,
  )
  return row === undefined ? null : Number(row.epoch)
}

/** Within a transaction: the member and all that it holds. */
const removeMember = (database: Database, processor: string, member: string): void => {
  database.run(
    'update task set member = null where processor = ? and member = ?',
    processor,
    member,
  )
  database.run('delete from member where processor = ? and member = ?', processor, member)
}

export const releaseTask = (
  { database, processor, member }: Membership,
  task: number,
  epoch: number,
): void => {
  database.run(
    'update task set member = null where processor = ? and task = ? and member = ? and epoch = ?',
    ...[processor, task, member, epoch],
  )
}

export const leave = ({ database, processor, member }: Membership): void => {
  database.transaction(() => {
    removeMember(database, processor, member)
  })
}

/** Within a transaction: whether this epoch still owns the task. */
export const owns = (
  { database, processor, member }: Membership,
  task: number,
  epoch: number,
): boolean =>
  database.first(
    'select 1 from task where processor = ? and task = ? and epoch = ? and member = ?',
    ...[processor, task, epoch, member],
  ) !== undefined
