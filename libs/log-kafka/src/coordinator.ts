import { UnavailableError } from '@tidemark/log'
import type { Connection } from './connection.ts'
import { isDenied, rootFailure } from './failures.ts'
import { findCoordinator } from './kafkajs-internals.ts'
import type { Broker, CoordinatorOf } from './kafkajs-types.ts'
import type { Settings } from './options.ts'
import { backoffMs, sleep, withDeadline } from './waiting.ts'

/** The broker that keeps a group, or the transactions of a producer; it may move at any time. */
export type Coordinator = {
  /**
   * Asks it, and asks again when its answer says that nothing was done: it has moved, is loading, or the last transaction is still being
   * written out. Any other error passes at once: whether something was done is then unknown, or it never will be. By `endMs` it fails.
   */
  readonly ask: <T>(
    what: string,
    endMs: number,
    question: (broker: Broker) => Promise<T>,
  ) => Promise<T>
}

/**
 * The time that markers of a transaction take; longer while a leader that they are for is not there. kafkajs would wait 300 ms, and in some
 * requests not at all.
 */
const concurrentMs = 20
const concurrentMsMax = 200
/** A coordinator that is loading, or whose topic is made for the first transaction ever, is there within these, some 1.5 s: no trouble yet. */
export const quietTries = 5

export const openCoordinator = (
  { clock, observe }: Settings,
  connection: Connection,
  of: CoordinatorOf,
  id: string,
): Coordinator => {
  let nodeId: number | null = null

  const locate = async (): Promise<Broker> => {
    if (nodeId !== null) return connection.cluster.findBroker({ nodeId })
    const broker = await findCoordinator(connection.cluster, of, id)
    nodeId = broker.nodeId
    return broker
  }

  const lookAnew = async (what: string, error: unknown, tries: number): Promise<void> => {
    nodeId = null
    if (tries >= quietTries) observe({ kind: 'trouble', what, error })
    connection.recover(error)
    await sleep(backoffMs(tries))
    await connection.refresh().catch(connection.recover)
  }

  /** One try; null when there is reason for another. */
  const tryOnce = async <T>(
    what: string,
    leftMs: number,
    tries: number,
    question: (broker: Broker) => Promise<T>,
  ): Promise<{ readonly answer: T } | null> => {
    let broker: Broker
    try {
      broker = await withDeadline(locate(), leftMs, what)
    } catch (error) {
      if (isDenied(rootFailure(error))) throw error
      await lookAnew(what, error, tries)
      return null
    }
    try {
      return { answer: await withDeadline(question(broker), leftMs, what) }
    } catch (error) {
      const { type = '' } = rootFailure(error)
      if (type === 'CONCURRENT_TRANSACTIONS')
        await sleep(Math.min(concurrentMs * 2 ** tries, concurrentMsMax))
      else if (isMoving(error)) await lookAnew(what, error, tries)
      else {
        nodeId = null
        connection.recover(error)
        throw error
      }
      return null
    }
  }

  return {
    ask: async (what, endMs, question) => {
      for (let tries = 0; ; tries++) {
        const leftMs = endMs - clock.monotonicMs()
        if (leftMs <= 0) throw new UnavailableError(`${what}: not done in time`)
        const done = await tryOnce(what, leftMs, tries, question)
        if (done !== null) return done.answer
      }
    },
  }
}

/** Whether it has moved, or is on its way: nothing was done, and it will be somewhere soon. */
export const isMoving = (error: unknown): boolean => hasMoved.has(rootFailure(error).type ?? '')

/** kafkajs's names, for coordinators of either kind. */
const hasMoved: ReadonlySet<string> = new Set([
  'NOT_COORDINATOR_FOR_GROUP',
  'GROUP_COORDINATOR_NOT_AVAILABLE',
  'GROUP_LOAD_IN_PROGRESS',
])
