import { setTimeout } from 'node:timers/promises'
import { provision } from '@tidemark/assembly'
import { startBroker } from '@tidemark/broker'
import type { Log } from '@tidemark/log'
import { openKafkaLog } from '@tidemark/log-kafka'
import { defaultLayout, type Layout, type Offset } from '@tidemark/model'
import { recordCursor } from '@tidemark/wire'
import { machineMs } from '../harness/measured.ts'
import type { Row, Run } from '../harness/row.ts'
import { spread } from '../harness/spread.ts'
import { deleteTopics } from '../kafka/delete-topics.ts'
import { startOwner, type Owner } from '../kafka/owners.ts'

// How long nobody's output is committed when the owner of a task goes: killed, so that its session must end first, and in order. Beside it the
// time between two commits of one owner. What stands in the topic afterwards is checked: nothing of the old owner behind the first of the new.

const sessionTimeoutMs = 6000
/** The others hear of it with their next heartbeat, of which there are six in a session: what docs/capacity.md counts on. */
const gapMsMax = sessionTimeoutMs * (1 + 1 / 6)
const steadyCommits = 100
const patienceMs = 60_000

export const takeover: Row = {
  name: 'takeover',
  title: 'Takeover on Kafka',
  promises: [
    { what: 'ms between two commits', side: 'one owner', figure: 'gapMs' },
    { what: 'ms without a commit', side: 'owner leaves', figure: 'gapMs' },
    {
      ...{ what: 'ms without a commit', side: 'owner killed', figure: 'gapMs' },
      goal: { atMost: gapMsMax },
    },
  ],
  open: async () => {
    const { brokers, stop } = await startBroker('benches')
    const prefix = `bench-takeover-${Date.now().toString(36)}.`
    const layout: Layout = { ...defaultLayout, prefix, partitions: 1 }
    const log = await openKafkaLog({ brokers, prefix })
    await provision(log, layout)
    let processors = 0
    /** Lets members of a new processor come and go, and compares what they said with what stands in the topic. */
    const among = (work: (start: () => Owner) => Promise<number>) => async (): Promise<Run> => {
      const processor = `bench-${processors++}`
      const [before] = await log.bounds('alerts')
      const owners: Owner[] = []
      const start = (): Owner => {
        const owner = startOwner({ brokers, prefix, processor, sessionTimeoutMs })
        owners.push(owner)
        return owner
      }
      try {
        const gapMs = await work(start)
        checkOutputs(await pidsFrom(log, before!.endOffset), owners)
        return { gapMs }
      } finally {
        await Promise.all(owners.map(({ kill }) => kill()))
      }
    }
    return {
      conditions: `a processor of one task with a commit every 20 ms, session timeout ${sessionTimeoutMs} ms; one member waits for the task of the other`,
      sides: [
        { name: 'one owner', run: among(steady) },
        { name: 'owner leaves', run: among(left) },
        { name: 'owner killed', run: among(killed) },
      ],
      warmUps: 0,
      close: async () => {
        await log.close()
        await deleteTopics(brokers, prefix)
        stop()
      },
    }
  },
}

const steady = async (start: () => Owner): Promise<number> => {
  const owner = start()
  await until(() => owner.commitsMs.length > steadyCommits)
  await owner.leave()
  return spread(owner.commitsMs.slice(1).map((ms, i) => ms - owner.commitsMs[i]!)).median
}

const left = async (start: () => Owner): Promise<number> => {
  const [owner, reserve] = await twoMembers(start)
  await owner.leave()
  await until(() => reserve.commitsMs.length > 0)
  await reserve.leave()
  return reserve.commitsMs[0]! - owner.commitsMs.at(-1)!
}

/** From the kill on: what the process said last may be lost with it. */
const killed = async (start: () => Owner): Promise<number> => {
  const [owner, reserve] = await twoMembers(start)
  const killedMs = machineMs()
  await owner.kill()
  await until(() => reserve.commitsMs.length > 0)
  await reserve.leave()
  return reserve.commitsMs[0]! - killedMs
}

/** The one that has the task and goes on committing, and the one that waits, when the rebalance of its coming is over. */
const twoMembers = async (start: () => Owner): Promise<readonly [owner: Owner, reserve: Owner]> => {
  const owner = start()
  await until(() => owner.commitsMs.length > 0)
  const joins = owner.joins()
  const reserve = start()
  await until(() => reserve.joins() > 0 && owner.joins() > joins)
  if (!owner.hasTask() || reserve.hasTask()) throw new Error('a task moved though nobody had gone')
  const commits = owner.commitsMs.length
  await until(() => owner.commitsMs.length > commits)
  return [owner, reserve]
}

const until = async (isSo: () => boolean): Promise<void> => {
  const endMs = machineMs() + patienceMs
  while (!isSo()) {
    if (machineMs() > endMs) throw new Error(`not settled within ${patienceMs} ms`)
    await setTimeout(1)
  }
}

const pidsFrom = async (log: Log, from: Offset): Promise<readonly number[]> => {
  const cursor = recordCursor()
  const pids: number[] = []
  const read = { topic: 'alerts', partition: 0 } as const
  for (let batches = await log.read({ ...read, fromOffset: from }); ;) {
    cursor.open(batches)
    while (cursor.next())
      pids.push(
        Number(Buffer.from(cursor.bytes).toString('utf8', cursor.valueStart, cursor.valueEnd)),
      )
    if (batches.nextOffset >= batches.endOffset) return pids
    batches = await log.read({ ...read, fromOffset: batches.nextOffset })
  }
}

/** Every commit that an owner knows of is there once; one more may be, of which an owner that was killed had not heard. */
const checkOutputs = (pids: readonly number[], owners: readonly Owner[]): void => {
  const inTurn = pids.filter((pid, i) => pid !== pids[i - 1])
  if (inTurn.join() !== owners.map(({ pid }) => pid).join())
    throw new Error(
      `outputs of ${inTurn.join()}, owners in turn were ${owners.map(({ pid }) => pid).join()}`,
    )
  for (const { pid, commitsMs } of owners) {
    const beyond = pids.filter((of) => of === pid).length - commitsMs.length
    if (beyond !== 0 && beyond !== 1)
      throw new Error(
        `${beyond} outputs more than the ${commitsMs.length} commits that ${pid} told of`,
      )
  }
}
