import { ledgerOf } from '@tidemark/aggregation'
import type { CommandContext, ExitCode, JsonOptions } from '../context.ts'
import { withLog } from '../open.ts'
import { tableLines } from '../table.ts'

/** Where every event of every input partition ended, as of the aggregator's last commit. */
export const ledger = (options: JsonOptions, { terminal }: CommandContext): Promise<ExitCode> =>
  withLog<ExitCode>(options, null, async ({ log, layout }) => {
    const states = await log.checkpoints('aggregator', layout.partitions)
    const rows = states
      .flatMap(({ checkpoint }) => (checkpoint === null ? [] : ledgerOf(checkpoint)))
      .sort((a, b) =>
        a.topic === b.topic ? a.partition - b.partition : a.topic < b.topic ? -1 : 1,
      )
      .map(({ topic, partition, position, ledger: counts, open }) => ({
        topic,
        partition,
        position,
        events: counts.events,
        aggregated: counts.aggregated,
        late: counts.late,
        duplicate: counts.duplicate,
        rejected: Object.fromEntries(counts.rejected.map(({ reason, events }) => [reason, events])),
        lost: counts.lost,
        open,
      }))
    if (options.json === true) for (const row of rows) terminal.out(JSON.stringify(row))
    else for (const line of tableLines(columns, rows)) terminal.out(line)
    return 0
  })

type Row = {
  readonly topic: string
  readonly partition: number
  readonly position: number
  readonly events: number
  readonly aggregated: number
  readonly late: number
  readonly duplicate: number
  readonly rejected: Readonly<Record<string, number>>
  readonly lost: number
  readonly open: number
}

const number = (
  title:
    'partition' | 'position' | 'events' | 'aggregated' | 'late' | 'duplicate' | 'open' | 'lost',
) => ({ title, align: 'right', text: (row: Row) => String(row[title]) }) as const

const columns = [
  { title: 'topic', text: (row: Row) => row.topic },
  number('partition'),
  number('position'),
  number('events'),
  number('aggregated'),
  number('open'),
  number('late'),
  number('duplicate'),
  {
    title: 'rejected',
    text: ({ rejected }: Row) =>
      Object.entries(rejected)
        .map(([reason, events]) => `${reason} ${events}`)
        .join(', '),
  },
  number('lost'),
]
