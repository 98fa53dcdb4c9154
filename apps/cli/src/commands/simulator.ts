import { connect } from '@tidemark/assembly'
import { runLiveTraffic } from '@tidemark/simulator'
import type { CommandContext, ExitCode, LogOptions } from '../context.ts'
import { integerIn } from '../integers.ts'
import { liveLayout } from '../layouts.ts'
import { addressIn } from '../open.ts'

export type SimulatorOptions = LogOptions & { readonly seed?: string }

/** Live traffic on the log until SIGTERM or SIGINT. */
export const simulator = async (
  options: SimulatorOptions,
  { terminal, signal }: CommandContext,
): Promise<ExitCode> => {
  const seed = seedIn(options.seed)
  const connection = await connect(addressIn(options), liveLayout, terminal.err)
  try {
    await runLiveTraffic({ ...connection, ...(seed !== null && { seed }) }, signal)
    return 0
  } finally {
    await connection.log.close()
  }
}

/** Null: traffic draws its seed from the time, so that two runs do not send the same ids. */
export const seedIn = (text: string | undefined): number | null =>
  text === undefined ? null : integerIn('--seed', text, 0, 999_999_999)
