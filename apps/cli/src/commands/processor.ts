import { aggregator } from '@tidemark/aggregator'
import { connect, runApp, type App } from '@tidemark/assembly'
import { evaluator } from '@tidemark/evaluator'
import { defaultLayout } from '@tidemark/model'
import { reporter } from '@tidemark/reporter'
import { sink } from '@tidemark/sink'
import { commitIntervalIn, type CommitOptions } from '../commit-interval.ts'
import type { CommandContext, ExitCode } from '../context.ts'
import { addressIn, storeIn } from '../open.ts'

const apps = { aggregator, evaluator, reporter, sink } as const satisfies Record<string, App>
export type ProcessorCommand = keyof typeof apps

/** Runs one processor alone until SIGTERM or SIGINT. */
export const processor = async (
  name: ProcessorCommand,
  options: CommitOptions,
  { terminal, signal }: CommandContext,
): Promise<ExitCode> => {
  const address = addressIn(options)
  const pace = commitIntervalIn(options)
  const { log, layout } = await connect(address, defaultLayout, terminal.err)
  try {
    await runApp(apps[name], { log, layout, store: storeIn(options) }, pace, signal)
    return 0
  } finally {
    await log.close()
  }
}
