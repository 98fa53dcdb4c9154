import { connect, type OperationArguments } from '@tidemark/assembly'
import { logTraffic, runLiveTraffic, type LiveEvent } from '@tidemark/simulator'
import type { CommandContext, ExitCode, LogOptions } from '../context.ts'
import { integerIn } from '../integers.ts'
import { liveLayout } from '../layouts.ts'
import { addressIn } from '../open.ts'
import { operated } from '../operated.ts'

export type SimulatorOptions = LogOptions & OperationArguments & { readonly seed?: string }

/** Live traffic on the log until SIGTERM or SIGINT. */
export const simulator = async (
  options: SimulatorOptions,
  context: CommandContext,
): Promise<ExitCode> => {
  const seed = seedIn(options.seed)
  const address = addressIn(options)
  return operated('simulator', options, context, 'info', async ({ logger, observeLog, begin }) => {
    const connection = await connect(address, liveLayout, observeLog)
    begin(connection.log, 0)
    try {
      const observe = (event: LiveEvent): void => {
        logTraffic(logger, event)
      }
      const traffic = { ...connection, observe, ...(seed !== null && { seed }) }
      await runLiveTraffic(traffic, context.signal)
    } finally {
      await connection.log.close()
    }
  })
}

/** Null: traffic draws its seed from the time, so that two runs do not send the same ids. */
export const seedIn = (text: string | undefined): number | null =>
  text === undefined ? null : integerIn('--seed', text, 0, 999_999_999)
