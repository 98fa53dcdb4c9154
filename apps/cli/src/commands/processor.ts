import { aggregator } from '@tidemark/aggregator'
import { connect, runApp, type App, type OperationArguments } from '@tidemark/assembly'
import { evaluator } from '@tidemark/evaluator'
import { defaultLayout } from '@tidemark/model'
import { reporter } from '@tidemark/reporter'
import { sink } from '@tidemark/sink'
import { commitIntervalIn, type CommitOptions } from '../commit-interval.ts'
import type { CommandContext, ExitCode } from '../context.ts'
import { addressIn, storeIn } from '../open.ts'
import { operated } from '../operated.ts'

const apps = { aggregator, evaluator, reporter, sink } as const satisfies Record<string, App>
export type ProcessorCommand = keyof typeof apps

/** Runs one processor alone until SIGTERM or SIGINT. */
export const processor = async (
  name: ProcessorCommand,
  options: CommitOptions & OperationArguments,
  context: CommandContext,
): Promise<ExitCode> => {
  const address = addressIn(options)
  const pace = commitIntervalIn(options)
  const store = storeIn(options)
  return operated(name, options, context, 'info', async ({ observe, observeLog, begin }) => {
    const { log, layout } = await connect(address, defaultLayout, observeLog)
    begin(log, 1)
    try {
      await runApp(apps[name], { log, layout, store }, { ...pace, observe }, context.signal)
    } finally {
      await log.close()
    }
  })
}
