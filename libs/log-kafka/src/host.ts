import { type HostSpec, type RunTask } from '@tidemark/log'
import { heartbeatMs, openMembership, type Membership } from './membership.ts'
import type { Settings } from './options.ts'
import { acquireTask, type SessionParts } from './session.ts'
import { taskGroup, type TaskGroup } from './task-group.ts'
import { sleep } from './waiting.ts'

/** Consumer group of a processor. */
export const groupIdOf = (prefix: string, processor: string): string =>
  `${prefix}tidemark-${processor}`

/**
 * Takes part in a processor's group until `signal` aborts. On a rebalance all tasks are given back first: their signals abort, they commit
 * and return, with heartbeats going on, and only then does this member join again; so nobody gets a task that is still at work.
 */
export const hostTasks = async (
  parts: Omit<SessionParts, 'membership'>,
  { processor, topics, tasks, assigned = () => undefined }: HostSpec,
  run: RunTask,
  signal: AbortSignal,
): Promise<void> => {
  const { settings, connection } = parts
  const names = topics.map((topic) => settings.prefix + topic)
  await connection.requireTopics([...names, `${settings.prefix}checkpoints`])
  const groupId = groupIdOf(settings.prefix, processor)
  const membership = openMembership(settings, connection, { groupId, names, tasks })
  const group = taskGroup(settings, groupId, {
    isMember: () => settings.clock.monotonicMs() < membership.safeUntilMs(),
    acquire: (task, isOurs, taskSignal) =>
      acquireTask({ ...parts, membership }, { processor, task }, isOurs, taskSignal),
    run,
  })
  try {
    while (!signal.aborted && group.fatal() === null) {
      const ours = await joinUnless(signal, membership)
      assigned(ours)
      group.start(ours)
      await holdUntilChange(settings, membership, group, signal)
      assigned(null)
      await giveBack(settings, membership, group)
    }
  } finally {
    group.fence()
    await membership.leave()
  }
  const fatal = group.fatal()
  if (fatal !== null) throw fatal.error
}

/** How long a member that stops waits for a join under way, so that it can leave properly. */
const joinGraceMs = 3000

const joinUnless = async (
  signal: AbortSignal,
  membership: Membership,
): Promise<readonly number[]> => {
  const joined = membership.join(signal)
  // Nobody waits for it any more when the grace ends first.
  joined.catch(() => undefined)
  const stop = new AbortController()
  const grace = async (): Promise<readonly number[]> => {
    await new Promise<void>((resolve) => {
      signal.addEventListener('abort', () => resolve(), { once: true, signal: stop.signal })
      if (signal.aborted) resolve()
    })
    await sleep(joinGraceMs, stop.signal)
    return []
  }
  try {
    const tasks = await Promise.race([joined, grace()])
    return signal.aborted ? [] : tasks
  } finally {
    stop.abort()
  }
}

/** Heartbeats until something changes: a rebalance, the end of the membership, a task that failed for good, the signal. */
const holdUntilChange = async (
  { sessionTimeoutMs, clock, observe }: Settings,
  membership: Membership,
  group: TaskGroup,
  signal: AbortSignal,
): Promise<void> => {
  const change = AbortSignal.any([signal, group.failed])
  for (;;) {
    await sleep(heartbeatMs(sessionTimeoutMs), change)
    if (change.aborted) return
    const leftMs = membership.safeUntilMs() - clock.monotonicMs()
    const beat = await Promise.race([membership.beat(), sleep(leftMs, change).then(() => 'silent')])
    if (change.aborted) return
    if (beat === 'rebalance') {
      observe({ kind: 'rebalancing', group: group.id })
      return
    }
    if (beat === 'lost' || clock.monotonicMs() >= membership.safeUntilMs()) {
      const reason = beat === 'lost' ? 'the coordinator says so' : 'no heartbeat in time'
      observe({ kind: 'membership-lost', group: group.id, reason })
      // Somebody else may own the tasks by now: nothing more may be written.
      group.fence()
      return
    }
  }
}

/**
 * Lets the tasks commit and return, with heartbeats meanwhile. Those that take too long are fenced, since the coordinator will not
 * wait for this member any longer.
 */
const giveBack = async (
  { sessionTimeoutMs, rebalanceTimeoutMs, clock, observe }: Settings,
  membership: Membership,
  group: TaskGroup,
): Promise<void> => {
  const endMs = clock.monotonicMs() + (rebalanceTimeoutMs * 2) / 3
  group.stop()
  // Those that are fenced have nothing more to say; a task that is started again waits for its end.
  while (!group.isFenced() && !group.idle.aborted) {
    await sleep(heartbeatMs(sessionTimeoutMs), group.idle)
    if (group.idle.aborted) return
    const beat = await membership.beat()
    if (beat === 'lost' || clock.monotonicMs() > Math.min(endMs, membership.safeUntilMs())) {
      const reason = beat === 'lost' ? 'the coordinator says so' : 'tasks did not stop in time'
      observe({ kind: 'membership-lost', group: group.id, reason })
      group.fence()
    }
  }
}
