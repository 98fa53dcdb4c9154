import { fork, type ChildProcess } from 'node:child_process'
import { join } from 'node:path'
import type { Run } from '../harness/row.ts'
import type { FromMember, ToMember } from './aggregate-shared.ts'
import type { AggregatorRun } from './work-off.ts'

export type SharedWork = AggregatorRun & {
  readonly members: number
  readonly partitions: number
  /** In the topic, of all partitions. */
  readonly records: number
}

const msMax = 10 * 60_000

/**
 * Works a topic off by several processes of one aggregator. They begin when every one has its share of the partitions. CPU time and records are
 * the sums of all, without what each of them did before it was warm.
 */
export const sharedWork = async (work: SharedWork): Promise<Run> => {
  const { members, partitions, records, ...run } = work
  const script = join(import.meta.dirname, './aggregate-shared.ts')
  const children = Array.from({ length: members }, () => fork(script, [JSON.stringify(run)]))
  const patience = setTimeout(() => kill(children), msMax)
  try {
    const tasks = new Map<ChildProcess, readonly number[]>()
    const positions = new Map<number, number>()
    const told = (child: ChildProcess, message: FromMember): void => {
      if (message.kind === 'assigned') {
        tasks.set(child, message.tasks)
        if (isShared([...tasks.values()], members, partitions)) tellAll(children, { kind: 'begin' })
      }
      if (message.kind !== 'committed') return
      positions.set(message.task, message.position)
      if (sum([...positions.values()]) >= records) tellAll(children, { kind: 'stop' })
    }
    const runs = await Promise.all(children.map((child) => resultOf(child, told)))
    const total = (figure: string): number => sum(runs.map((of) => of[figure]!))
    return {
      ...{ events: total('records'), cpuMs: total('cpuMs') },
      residentBytesMax: total('residentBytesMax'),
      wallMs: Math.max(...runs.map(({ wallMs }) => wallMs!)),
    }
  } finally {
    clearTimeout(patience)
    kill(children)
  }
}

/** Every member has as many tasks as the others, and together they have all. */
const isShared = (
  tasks: readonly (readonly number[])[],
  members: number,
  partitions: number,
): boolean =>
  tasks.length === members &&
  tasks.every((of) => of.length === partitions / members) &&
  new Set(tasks.flat()).size === partitions

const resultOf = (
  child: ChildProcess,
  told: (child: ChildProcess, message: FromMember) => void,
): Promise<Run> =>
  new Promise((resolve, reject) => {
    child.on('message', (message: FromMember) => {
      if (message.kind === 'took') resolve(message.run)
      else told(child, message)
    })
    child.on('error', reject)
    child.on('exit', (code, signal) =>
      reject(new Error(`a member ended with ${code ?? signal} before it said what it took`)),
    )
  })

const tellAll = (children: readonly ChildProcess[], message: ToMember): void => {
  for (const child of children) child.send(message)
}

const kill = (children: readonly ChildProcess[]): void => {
  for (const child of children) child.kill('SIGKILL')
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)
