import { processorLag, type TaskLag } from '@tidemark/assembly'
import type { TaskOwner } from '@tidemark/log'
import { isoOf } from '@tidemark/model'
import { apps } from '../apps.ts'
import type { CommandContext, ExitCode, JsonOptions } from '../context.ts'
import { storeIn, withLog } from '../open.ts'
import { tableLines } from '../table.ts'

/** How far every task of every processor is behind in each of its sources, whose it is, and when it last committed. */
export const lag = (options: JsonOptions, { terminal }: CommandContext): Promise<ExitCode> =>
  withLog<ExitCode>(options, null, async ({ log, layout }) => {
    const rows: TaskLag[] = []
    for (const app of apps) {
      const { processor, close } = await app.open({ layout, store: storeIn(options) })
      try {
        rows.push(...(await processorLag(log, processor)))
      } finally {
        await close()
      }
    }
    if (options.json === true) for (const row of rows) terminal.out(JSON.stringify(jsonOf(row)))
    else for (const line of tableLines(columns, rows)) terminal.out(line)
    return 0
  })

const jsonOf = (row: TaskLag) => ({
  processor: row.processor,
  task: row.task,
  topic: row.topic,
  partition: row.partition,
  position: row.position,
  end: row.endOffset,
  lagRecords: row.records,
  lagMs: row.streamMs,
  state: row.state,
  owner: row.owner === null ? null : ownerJson(row.owner),
  lastCommit: commitTime(row),
})

const ownerJson = ({ member, host, pid }: TaskOwner) => ({ member, host, pid })

const commitTime = ({ committedAtMs }: TaskLag): string | null =>
  committedAtMs === null ? null : isoOf(committedAtMs * 1000)

/** Where the owner runs; its id where nothing else is known. */
const ownerText = ({ owner }: TaskLag): string => {
  if (owner === null) return '-'
  const { member, host, pid } = owner
  return [host ?? member, pid].filter((part) => part !== null).join(':')
}

const columns = [
  { title: 'processor', text: (row: TaskLag) => row.processor },
  { title: 'topic', text: (row: TaskLag) => row.topic },
  { title: 'partition', align: 'right', text: (row: TaskLag) => String(row.partition) },
  { title: 'position', align: 'right', text: (row: TaskLag) => String(row.position) },
  { title: 'end', align: 'right', text: (row: TaskLag) => String(row.endOffset) },
  { title: 'lag', align: 'right', text: (row: TaskLag) => String(row.records) },
  {
    title: 'stream time',
    align: 'right',
    text: (row: TaskLag) => `${(row.streamMs / 1000).toFixed(1)}s`,
  },
  { title: 'state', text: (row: TaskLag) => row.state },
  { title: 'owner', text: ownerText },
  { title: 'last commit', text: (row: TaskLag) => commitTime(row) ?? 'never' },
] as const
