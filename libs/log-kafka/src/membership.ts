import { UnavailableError } from '@tidemark/log'
import { taskAssigner, tasksOf } from './assigner.ts'
import { openConnection, type Connection } from './connection.ts'
import { isMoving, quietTries } from './coordinator.ts'
import { isDenied, logErrorOf, rootFailure } from './failures.ts'
import type { GroupIdentity, GroupOffset } from './group-offsets.ts'
import {
  consumerGroup,
  coordinatorNode,
  dropConnections,
  findCoordinator,
} from './kafkajs-internals.ts'
import type { ConsumerGroup } from './kafkajs-types.ts'
import type { Settings } from './options.ts'
import { noClaims } from './task-claims.ts'
import { backoffMs, sleep, withDeadline } from './waiting.ts'

/** A member of a consumer group that decides itself when it rejoins: kafkajs's consumer would do it at once, in the middle of a commit. */
export type Membership = {
  /** Joins, or joins again: returns the tasks of this member. Tries until the rejoin timeout. */
  readonly join: (signal: AbortSignal) => Promise<readonly number[]>
  /** Sends one heartbeat. */
  readonly beat: () => Promise<Beat>
  /** Until when nobody else can own the tasks, by the monotonic clock: the session since the last heartbeat that was sent well. */
  readonly safeUntilMs: () => number
  /** Commits positions for lag tools, with the generation: `lost` when it is not this member's any more. */
  readonly commitOffsets: (offsets: readonly GroupOffset[]) => Promise<Beat>
  readonly identity: () => GroupIdentity
  readonly leave: () => Promise<void>
}

/** What the coordinator says: go on; give everything back and rejoin; the tasks are somebody else's. `silent`: it says nothing. */
export type Beat = 'good' | 'rebalance' | 'lost' | 'silent'

export type GroupSpec = {
  readonly groupId: string
  /** With the prefix. */
  readonly names: readonly string[]
  readonly tasks: number
}

export const heartbeatMs = (sessionTimeoutMs: number): number => Math.floor(sessionTimeoutMs / 6)

/** Three fit into a session. */
const requestTimeoutMsOf = ({ sessionTimeoutMs }: Settings): number =>
  Math.max(1000, Math.floor(sessionTimeoutMs / 3))

/** `beside`: connections of their own for leaving and for looking round, since a pending JoinGroup blocks the group's. */
export const openMembership = (
  settings: Settings,
  beside: Connection,
  { groupId, names, tasks }: GroupSpec,
): Membership => {
  const { clock, sessionTimeoutMs, observe } = settings
  const requestTimeoutMs = requestTimeoutMsOf(settings)
  const connection = openConnection(settings, requestTimeoutMs)
  const { cluster } = connection
  // What this member had last is claimed again, whatever became of it meanwhile: a later generation counts for more.
  let claims = noClaims
  const partitionsOf = (name: string): number => cluster.findTopicPartitionMetadata(name).length
  const group = consumerGroup({
    cluster,
    groupId,
    topics: names,
    assigner: taskAssigner(tasks, partitionsOf, () => claims),
    sessionTimeoutMs,
    rebalanceTimeoutMs: settings.rebalanceTimeoutMs,
    logger: settings.client(requestTimeoutMs).kafka.logger(),
  })
  let safeUntilMs = Number.NEGATIVE_INFINITY

  /** Runs a request that proves membership when it succeeds, and tells what it says otherwise. */
  const asMember = async (request: () => Promise<unknown>): Promise<Beat> => {
    const sentAtMs = clock.monotonicMs()
    const beat = await answerTo(request)
    if (beat.kind === 'good' || beat.kind === 'rebalance') safeUntilMs = sentAtMs + sessionTimeoutMs
    if (beat.kind === 'lost') safeUntilMs = Number.NEGATIVE_INFINITY
    if (beat.kind === 'silent') {
      observe({ kind: 'trouble', what: `heartbeat of ${groupId}`, error: beat.error })
      connection.recover(beat.error)
      await findAnew(connection, group, groupId, requestTimeoutMs)
    }
    return beat.kind
  }
  const identity = (): GroupIdentity => ({
    groupId,
    groupGenerationId: group.generationId,
    memberId: group.memberId ?? '',
  })
  const beat = (): Promise<Beat> => asMember(() => coordinatorOf(group).heartbeat(identity()))

  return {
    beat,
    identity,
    safeUntilMs: () => safeUntilMs,
    join: async (signal) => {
      const joining = { settings, connection, beside, group, groupId, names, beat }
      const assigned = await joinGroup(joining, signal)
      claims = { generation: group.generationId, tasks: assigned }
      return assigned
    },
    commitOffsets: (offsets) => {
      const topics = Map.groupBy(offsets, ({ name }) => name)
      return asMember(() =>
        coordinatorOf(group).offsetCommit({
          ...identity(),
          topics: Array.from(topics, ([topic, partitions]) => ({
            topic,
            partitions: partitions.map(({ partition, offset }) => ({
              partition,
              offset: String(offset),
            })),
          })),
        }),
      )
    },
    leave: async () => {
      const { memberId } = group
      if (memberId !== null && memberId !== '') await leaveGroup(beside, groupId, memberId)
      group.memberId = null
      await connection.close()
      observe({ kind: 'left', group: groupId })
    },
  }
}

type Joining = {
  readonly settings: Settings
  readonly connection: Connection
  readonly beside: Connection
  readonly group: ConsumerGroup
  readonly groupId: string
  readonly names: readonly string[]
  readonly beat: () => Promise<Beat>
}

const joinGroup = async (joining: Joining, signal: AbortSignal): Promise<readonly number[]> => {
  const { settings, connection, group, groupId, names, beat } = joining
  const { clock, observe, rejoinTimeoutMs } = settings
  const what = `joining ${groupId}`
  const endMs = clock.monotonicMs() + rejoinTimeoutMs
  await connection.requireTopics(names)
  for (let failures = 0; !signal.aborted; failures++) {
    try {
      await joinAndSync(joining)
      // Nothing is owned before a heartbeat was sent: that is when the session is known to have begun.
      if ((await beat()) === 'good') {
        const tasks = tasksOf(group.assigned())
        observe({ kind: 'joined', group: groupId, tasks })
        return tasks
      }
    } catch (error) {
      if (!isWorthRetrying(error) || clock.monotonicMs() > endMs) throw logErrorOf(error, what)
      if (failures >= quietTries || !isMoving(error)) observe({ kind: 'trouble', what, error })
      connection.recover(error)
      await connection.refresh().catch(connection.recover)
    }
    if (clock.monotonicMs() > endMs)
      throw new UnavailableError(`${what}: not settled within ${rejoinTimeoutMs} ms`)
    await sleep(backoffMs(failures), signal)
  }
  return []
}

/**
 * Joins, and meanwhile asks others whether the coordinator still is the one. A join may take as long as a rebalance, so one that hangs would be
 * waited for that long; and while it joins, no heartbeat shows it.
 */
const joinAndSync = (joining: Joining): Promise<void> => {
  const over = new AbortController()
  const joined = joining.group.joinAndSync().finally(() => over.abort())
  void watchCoordinator(joining, over.signal)
  return joined
}

const watchCoordinator = async (
  { settings, beside, group, groupId }: Joining,
  signal: AbortSignal,
): Promise<void> => {
  for (;;) {
    await sleep(requestTimeoutMsOf(settings), signal)
    if (signal.aborted) return
    try {
      const nodeId = await coordinatorNode(beside.cluster, 'group', groupId)
      const { coordinator } = group
      if (!signal.aborted && coordinator !== null && coordinator.nodeId !== nodeId)
        dropConnections(coordinator, new Error(`${groupId}: node ${nodeId} coordinates it by now`))
    } catch (error) {
      beside.recover(error)
    }
  }
}

const coordinatorOf = ({ coordinator }: ConsumerGroup) => {
  if (coordinator === null) throw new UnavailableError('the group has no coordinator')
  return coordinator
}

type Answer =
  { readonly kind: Exclude<Beat, 'silent'> } | { readonly kind: 'silent'; readonly error: unknown }

const answerTo = async (request: () => Promise<unknown>): Promise<Answer> => {
  try {
    await request()
    return { kind: 'good' }
  } catch (error) {
    switch (rootFailure(error).type) {
      case 'REBALANCE_IN_PROGRESS':
        return { kind: 'rebalance' }
      case 'UNKNOWN_MEMBER_ID':
      case 'ILLEGAL_GENERATION':
      case 'FENCED_INSTANCE_ID':
        return { kind: 'lost' }
      default:
        return { kind: 'silent', error }
    }
  }
}

/** A coordinator may move to another broker; membership moves with it. */
const findAnew = async (
  connection: Connection,
  group: ConsumerGroup,
  groupId: string,
  timeoutMs: number,
): Promise<void> => {
  try {
    const found = connection
      .refresh()
      .then(() => findCoordinator(connection.cluster, 'group', groupId))
    group.coordinator = await withDeadline(found, timeoutMs, `coordinator of ${groupId}`)
  } catch (error) {
    connection.recover(error)
  }
}

const isWorthRetrying = (error: unknown): boolean => {
  const failure = rootFailure(error)
  return !isDenied(failure) && !hopeless.has(failure.type ?? '')
}

/** The coordinator will say the same again. */
const hopeless: ReadonlySet<string> = new Set([
  'INCONSISTENT_GROUP_PROTOCOL',
  'INVALID_SESSION_TIMEOUT',
  'INVALID_GROUP_ID',
  'GROUP_MAX_SIZE_REACHED',
])

const leaveMsMax = 3000

/** A member that does not leave is waited for until its session ends; so that is all that a failure here costs. */
const leaveGroup = async (beside: Connection, groupId: string, memberId: string): Promise<void> => {
  try {
    await withDeadline(
      findCoordinator(beside.cluster, 'group', groupId).then((coordinator) =>
        coordinator.leaveGroup({ groupId, memberId }),
      ),
      leaveMsMax,
      `leaving ${groupId}`,
    )
  } catch (error) {
    beside.recover(error)
  }
}
