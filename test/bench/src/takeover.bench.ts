import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { startBroker } from '@tidemark/broker'
import { openKafkaLog, type KafkaLogEvent } from '@tidemark/log-kafka'
import { defaultLayout, type Offset } from '@tidemark/model'
import type { Log } from '@tidemark/log'
import { spread } from './harness/spread.ts'

// How long nobody's output is committed when the owner of a task goes: killed, so that its session must end first, and in order, when a
// member joins. Owners are processes of their own that commit one output every 20 ms; what is measured is the gap between the last
// commit of the one and the first of the other, as both stamped them. The baseline is the gap between two commits of one owner.
// Prints one line of JSON, then rows of a table. Run: node test/bench/src/takeover.bench.ts

const rounds = 3
const sessionTimeoutMs = 6000
const paceMs = 20

type Told = 'committed'

/** What the processes run: a member that commits as fast as it is told to. */
const work = async (log: Log, tell: (told: Told) => void): Promise<void> => {
  await log.host(
    { processor: 'bench', topics: ['requests'], tasks: 1 },
    async (session, signal) => {
      while (!signal.aborted) {
        await session.commit({
          outputs: [
            { topic: 'alerts', partition: 0, key: null, value: Buffer.from(`${process.pid}`) },
          ],
          checkpoint: new Map([['owner', Buffer.from(`${process.pid}`)]]),
          positions: [
            { topic: 'requests', partition: 0, position: 0 as Offset, from: 0 as Offset },
          ],
        })
        tell('committed')
        await new Promise((resolve) => setTimeout(resolve, paceMs))
      }
    },
    stopped,
  )
}

const stopping = new AbortController()
const stopped = stopping.signal

const open = (
  brokers: readonly string[],
  prefix: string,
  observe?: (event: KafkaLogEvent) => void,
) => openKafkaLog({ brokers, prefix, sessionTimeoutMs, ...(observe && { observe }) })

const child = async (brokers: string, prefix: string): Promise<void> => {
  process.on('SIGTERM', () => stopping.abort())
  const log = await open(brokers.split(','), prefix)
  await work(log, (told) => process.send!(told))
  await log.close()
  process.disconnect()
}

type Member = {
  readonly process: ChildProcess
  readonly firstCommit: Promise<number>
  readonly lastCommitMs: () => number
  readonly gapsMs: () => readonly number[]
}

const startMember = (brokers: readonly string[], prefix: string): Member => {
  const process = fork(import.meta.filename, [brokers.join(), prefix])
  const commits: number[] = []
  let first: (ms: number) => void = () => undefined
  const firstCommit = new Promise<number>((resolve) => (first = resolve))
  process.on('message', () => {
    commits.push(performance.now())
    if (commits.length === 1) first(commits[0]!)
  })
  return {
    process,
    firstCommit,
    lastCommitMs: () => commits.at(-1) ?? 0,
    gapsMs: () => commits.slice(1).map((ms, i) => ms - commits[i]!),
  }
}

const run = async (): Promise<void> => {
  const broker = await startBroker()
  const killed: number[] = []
  const left: number[] = []
  const steady: number[] = []
  for (let round = 0; round < rounds; round++) {
    const prefix = `bench-${Date.now()}.`
    const log = await open(broker.brokers, prefix)
    const layout = { ...defaultLayout, prefix, partitions: 1 }
    await log.provision(layout, { key: Buffer.from('layout'), value: Buffer.from('bench') })
    await log.close()
    const a = startMember(broker.brokers, prefix)
    await a.firstCommit
    // The one that has no task waits for one; the rebalance of its joining is over when the owner commits again.
    const b = startMember(broker.brokers, prefix)
    await settled(a, b)
    const [owner, reserve] = a.lastCommitMs() > b.lastCommitMs() ? [a, b] : [b, a]
    const beforeMs = performance.now()
    owner.process.kill('SIGKILL')
    const next = await nextCommitAfter(reserve, beforeMs)
    killed.push(next - beforeMs)
    const c = startMember(broker.brokers, prefix)
    await settled(reserve, c)
    const [leaver, stayer] = reserve.lastCommitMs() > c.lastCommitMs() ? [reserve, c] : [c, reserve]
    const leftMs = performance.now()
    leaver.process.kill('SIGTERM')
    const moved = await nextCommitAfter(stayer, leftMs)
    left.push(moved - leaver.lastCommitMs())
    steady.push(...stayer.gapsMs(), ...leaver.gapsMs())
    stayer.process.kill('SIGTERM')
    await once(stayer.process, 'exit')
  }
  broker.stop()
  const results = {
    killed: spread(killed.map(Math.round)),
    moved: spread(left.map(Math.round)),
    steady: { median: spread(steady.map(Math.round)).median },
  }
  console.log(JSON.stringify({ bench: 'takeover', sessionTimeoutMs, rounds, ...results }))
  console.log('| what | ms without a commit (min, median, max) |')
  console.log('| --- | --- |')
  console.log(`| between two commits of one owner | ${results.steady.median} (median) |`)
  for (const [what, { min, median, max }] of [
    ['owner killed with SIGKILL', results.killed],
    ['owner leaves', results.moved],
  ] as const)
    console.log(`| ${what} | ${min}, ${median}, ${max} |`)
}

/** Both are members, and one of them has committed after that. */
const settled = async (a: Member, b: Member): Promise<void> => {
  // A rebalance takes at most some heartbeats; whoever owns the task afterwards goes on committing.
  await new Promise((resolve) => setTimeout(resolve, sessionTimeoutMs))
  const fromMs = performance.now()
  await Promise.race([nextCommitAfter(a, fromMs), nextCommitAfter(b, fromMs)])
}

const nextCommitAfter = async (member: Member, ms: number): Promise<number> => {
  while (member.lastCommitMs() <= ms) await new Promise((resolve) => setTimeout(resolve, 1))
  return member.lastCommitMs()
}

const [brokers, prefix] = process.argv.slice(2)
await (brokers === undefined || prefix === undefined ? run() : child(brokers, prefix))
