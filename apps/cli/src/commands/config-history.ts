import { configurationHistory, type ConfigurationActivation } from '@tidemark/assembly'
import { configurationId, isoOf, type Id } from '@tidemark/model'
import type { CommandContext, ExitCode, JsonOptions } from '../context.ts'
import { withLog } from '../open.ts'
import { tableLines, type Column } from '../table.ts'

type Row = {
  /** Null: of every partition. */
  readonly partition: number | null
  readonly configurationId: Id
  readonly fromUs: number | null
  readonly untilUs: number | null
  readonly by: string | null
  readonly note: string | null
}

/** Which configuration was in force for which windows; per partition where they differ. */
export const configHistory = (
  options: JsonOptions,
  { terminal }: CommandContext,
): Promise<ExitCode> =>
  withLog<ExitCode>(options, null, async ({ log, layout }) => {
    const ofLayout = configurationId(layout.configuration)
    const history = await configurationHistory(log)
    const partitions = Array.from({ length: layout.partitions }, (_, partition) =>
      rowsOf(
        ofLayout,
        history.filter((activation) => activation.partition === partition),
      ),
    )
    const isAlike = partitions.every(
      (rows) => JSON.stringify(rows) === JSON.stringify(partitions[0]),
    )
    const rows = isAlike
      ? (partitions[0] ?? [])
      : partitions.flatMap((each, partition) => each.map((row) => ({ ...row, partition })))
    if (options.json === true) for (const row of rows) terminal.out(JSON.stringify(rowJson(row)))
    else
      for (const line of tableLines(isAlike ? columns.slice(1) : columns, rows)) terminal.out(line)
    return 0
  })

const rowsOf = (ofLayout: Id, activations: readonly ConfigurationActivation[]): readonly Row[] => [
  {
    ...{ partition: null, configurationId: ofLayout, fromUs: null, by: null },
    ...{ untilUs: activations[0]?.fromUs ?? null, note: 'of the layout' },
  },
  ...activations.map(({ configurationId: id, fromUs, untilUs, by, note }): Row => ({
    ...{ partition: null, configurationId: id, fromUs, untilUs, by, note },
  })),
]

const rowJson = ({ partition, fromUs, untilUs, ...row }: Row) => ({
  ...(partition !== null && { partition }),
  ...row,
  from: fromUs === null ? null : isoOf(fromUs),
  until: untilUs === null ? null : isoOf(untilUs),
})

const columns: readonly Column<Row>[] = [
  { title: 'partition', align: 'right', text: ({ partition }) => String(partition) },
  { title: 'from', text: ({ fromUs }) => (fromUs === null ? 'the beginning' : isoOf(fromUs)) },
  {
    title: 'until',
    text: ({ fromUs, untilUs }) =>
      untilUs === null ? '-' : untilUs === fromUs ? 'never in force' : isoOf(untilUs),
  },
  { title: 'configuration', text: ({ configurationId: id }) => id },
  { title: 'by', text: ({ by }) => by ?? '-' },
  { title: 'note', text: ({ note }) => note ?? '' },
]
