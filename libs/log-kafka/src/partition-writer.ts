import { UnavailableError } from '@tidemark/log'
import type { Connection } from './connection.ts'
import { rootFailure } from './failures.ts'
import { leaderless } from './fetch-survey.ts'
import { askRaw, protocolError } from './kafkajs-internals.ts'
import type { Broker } from './kafkajs-types.ts'
import type { Settings } from './options.ts'
import {
  produceRequest,
  readProduceAnswer,
  type ProduceAnswer,
  type ProduceQuestion,
} from './produce.ts'
import { backoffMs, sleep, withDeadline } from './waiting.ts'

/**
 * Writes one batch to whoever leads its partition, and again when the answer says that it was not taken: the leader has moved, or replicas
 * are missing. Any other error passes at once, since it leaves open whether the batch is in the log. By `endMs` it fails.
 */
export const writeBatch = async (
  { clock, observe }: Settings,
  connection: Connection,
  question: ProduceQuestion,
  endMs: number,
): Promise<ProduceAnswer> => {
  const what = `send to ${question.name}/${question.partition}`
  for (let refusals = 0; ; refusals++) {
    const leftMs = endMs - clock.monotonicMs()
    if (leftMs <= 0) throw new UnavailableError(`${what}: not done in time`)
    const leader = await leaderOf(connection, question, leftMs, what)
    const answer = leader.broker === null ? null : await produce(leader.broker, question, leftMs)
    if (answer?.errorCode === 0) return answer
    const error = answer === null ? leader.error : protocolError(answer.errorCode)
    if (answer !== null && !refusalsToRepeat.has(rootFailure(error).type ?? '')) throw error
    observe({ kind: 'trouble', what, error })
    await sleep(backoffMs(refusals))
    await connection.refresh().catch(connection.recover)
  }
}

type Leader =
  | { readonly broker: Broker; readonly error: null }
  /** Nothing was sent. */
  | { readonly broker: null; readonly error: unknown }

const leaderOf = async (
  connection: Connection,
  { name, partition }: ProduceQuestion,
  leftMs: number,
  what: string,
): Promise<Leader> => {
  const nodeId = connection.leaders().get(name)?.get(partition) ?? leaderless
  if (nodeId === leaderless) return { broker: null, error: new Error(`${what}: it has no leader`) }
  try {
    const found = connection.cluster.findBroker({ nodeId })
    return { broker: await withDeadline(found, leftMs, what), error: null }
  } catch (error) {
    connection.recover(error)
    return { broker: null, error }
  }
}

const produce = async (
  broker: Broker,
  question: ProduceQuestion,
  leftMs: number,
): Promise<ProduceAnswer> => {
  const what = `send to ${question.name}/${question.partition}`
  return readProduceAnswer(
    await withDeadline(askRaw(broker, produceRequest(question)), leftMs, what),
  )
}

/**
 * The leader did not take the batch, or may have lost it with its leadership; within a transaction the sequence number tells the next
 * leader which.
 */
const refusalsToRepeat: ReadonlySet<string> = new Set([
  'UNKNOWN_TOPIC_OR_PARTITION',
  'LEADER_NOT_AVAILABLE',
  'NOT_LEADER_FOR_PARTITION',
  'REPLICA_NOT_AVAILABLE',
  'FENCED_LEADER_EPOCH',
  'UNKNOWN_LEADER_EPOCH',
  'NOT_ENOUGH_REPLICAS',
  'CONCURRENT_TRANSACTIONS',
])
