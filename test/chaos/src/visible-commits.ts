import type { ConsoleRecord } from '@tidemark/broker'
import { decode } from '@tidemark/codec'
import type { ProcessorName } from '@tidemark/model'
import type { LoggedRecord, ObservedCommit, ObservedPosition } from '@tidemark/simulation'

export type VisibleCommit = ObservedCommit & { readonly timestampMs: number }

type Manifest = {
  readonly parts: readonly {
    readonly name: string
    readonly slot: number
    readonly chunks: number
  }[]
  readonly positions: readonly ObservedPosition[]
}

/** Every commit of every task that became visible on `checkpoints`, in its order: a commit ends with a manifest. */
export const visibleCommits = (records: readonly ConsoleRecord[]): readonly VisibleCommit[] => {
  const chunks = new Map<string, Uint8Array>()
  const commits: VisibleCommit[] = []
  for (const { key, value, timestampMs } of records) {
    const name = textOf(key!)
    // A new owner deletes what earlier ones left.
    if (value === null) continue
    const [processor, task, epoch, kind] = JSON.parse(name) as [
      ProcessorName,
      number,
      number,
      string,
    ]
    if (kind === 'part') chunks.set(name, value)
    if (kind !== 'manifest') continue
    const { parts, positions } = JSON.parse(textOf(value)) as Manifest
    const chunkOf = (part: Manifest['parts'][number], chunk: number): Uint8Array =>
      chunks.get(JSON.stringify([processor, task, epoch, 'part', part.name, part.slot, chunk]))!
    const checkpoint = new Map(
      parts.map((part) => {
        const bytes = Array.from({ length: part.chunks }, (_, chunk) => chunkOf(part, chunk))
        return [part.name, new Uint8Array(Buffer.concat(bytes))]
      }),
    )
    const owner = `epoch ${epoch}`
    commits.push({ processor, task, owner, epoch, positions, checkpoint, timestampMs })
  }
  return commits
}

/**
 * The commit that a derived record came with, by its index: it was stamped when the commit was put together, right before its manifest was,
 * and the next commit of that task began later.
 */
export const commitsByRecord = (
  commits: readonly VisibleCommit[],
): ((record: LoggedRecord) => number | null) => {
  const byTask = Map.groupBy(
    commits.map(({ processor, task, timestampMs }, index) => ({
      processor,
      task,
      timestampMs,
      index,
    })),
    ({ processor, task }) => `${processor} ${task}`,
  )
  return (record) => {
    const { processor, task } = writerOf(record)
    const own = byTask.get(`${processor} ${task}`) ?? []
    return own.find(({ timestampMs }) => timestampMs >= record.timestampMs)?.index ?? null
  }
}

const writerOf = ({
  topic,
  partition,
  value,
}: LoggedRecord): { readonly processor: ProcessorName; readonly task: number } => {
  if (topic === 'aggregates' || topic === 'rejected')
    return { processor: 'aggregator', task: partition }
  if (topic === 'platform-reports') return { processor: 'reporter', task: 0 }
  const decoded = decode(value)
  // Every evaluator writes on the one partition of slices.
  const isSlice = decoded.ok && decoded.event.type === 'FleetSlice'
  return { processor: 'evaluator', task: isSlice ? decoded.event.partition : partition }
}

const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8')
