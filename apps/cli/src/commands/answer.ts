import type { AcknowledgementGiven } from '@tidemark/model'
import { alertById } from '../alerts/find.ts'
import { UsageError, type CommandContext, type ExitCode } from '../context.ts'
import { durationUs } from '../durations.ts'
import { withStore } from '../open.ts'
import { onSaying, saidBy, say, type SayingOptions } from '../record/saying.ts'

export type AnswerOptions = SayingOptions & { readonly for?: string }

/** Answers alerts: until they are resolved, or, with `for`, for a while. */
export const answer = async (
  prefixes: readonly string[],
  options: AnswerOptions,
  context: CommandContext,
): Promise<ExitCode> => {
  const said = saidBy(options)
  const forUs = options.for === undefined ? null : durationUs('--for', options.for)
  const alerts = await withStore(options, async (store) => {
    const found = []
    for (const prefix of prefixes) found.push(await alertById(store, prefix))
    return found
  })
  for (const { first, resolved } of alerts)
    if (resolved !== null)
      throw new UsageError(`alert ${first.alertId} is resolved: there is nothing to answer`)
  return onSaying<ExitCode>(options, async (saying) => {
    const facts = alerts.map(({ first: { alertId, service } }): AcknowledgementGiven => ({
      type: 'AcknowledgementGiven',
      id: saying.drawId(`${alertId} ${forUs ?? ''} ${said.by ?? ''}`),
      atUs: saying.nowUs,
      ...said,
      ...{ service, alertId, untilUs: forUs === null ? null : saying.nowUs + forUs },
    }))
    await say(saying, facts, options, context)
    return 0
  })
}
