import { serviceJson } from '@tidemark/evaluation'
import { isoOf } from '@tidemark/model'
import type { CommandContext, ExitCode, JsonOptions } from '../context.ts'
import { withStore } from '../open.ts'
import { boardLines } from '../watch/board.ts'

/** The latest judgement of each service. */
export const services = (options: JsonOptions, { terminal }: CommandContext): Promise<ExitCode> =>
  withStore<ExitCode>(options, async (store) => {
    const rows = await store.assessments()
    if (options.json === true)
      for (const row of rows)
        terminal.out(JSON.stringify({ asOf: isoOf(row.windowEndUs), ...serviceJson(row) }))
    else {
      const asOfUs = rows.reduce<number | null>(
        (us, row) => Math.max(us ?? 0, row.windowEndUs),
        null,
      )
      for (const line of boardLines(terminal, asOfUs, rows).slice(1)) terminal.out(line)
    }
    return 0
  })
