import { FactError, publishFacts, type Connection } from '@tidemark/assembly'
import { isFact, type Fact, type RecordRejected } from '@tidemark/model'
import { UsageError, type CommandContext, type ExitCode } from '../context.ts'
import { counted } from '../counted.ts'
import { withLog } from '../open.ts'
import { printable } from '../printable.ts'
import { openDoor, type Door } from '../publish/door.ts'
import { choiceOf, chosenRejections, placeOf, type ChoiceOptions } from '../rejected/choice.ts'
import { originalOf } from '../rejected/original.ts'
import { redriven, type Redriven } from '../rejected/redriven.ts'

export type RedriveOptions = ChoiceOptions & {
  readonly all?: boolean
  readonly dryRun?: boolean
  readonly json?: boolean
}

/**
 * Publishes refused events again, after what was wrong is mended: by a newer program that knows their schema, or by time, for events that
 * were ahead of the clock. 1 when some of the chosen ones cannot be sent.
 */
export const redrive = (
  places: readonly string[],
  options: RedriveOptions,
  { terminal, signal }: CommandContext,
): Promise<ExitCode> => {
  const { reason, topic, from, to, all = false, dryRun = false, json = false } = options
  const isNarrowed = [reason, topic, from, to].some((option) => option !== undefined)
  if (places.length === 0 && !isNarrowed && !all)
    throw new UsageError(
      'redrive: say which records: TOPIC/PARTITION@OFFSET as "tidemark rejected" lists them, --reason, --topic, --from, --to, or --all',
    )
  const choice = choiceOf(options, places)
  return withLog<ExitCode>(options, null, async (connection) => {
    const { log, layout } = connection
    const stamp = layout.timestamps === 'broker' ? 'now' : 'event'
    const door = dryRun ? null : await openDoor(connection, { stamp, batch: false, maxJumpUs })
    const total = { records: 0, events: 0, left: 0 }
    try {
      for await (const rejection of chosenRejections(log, choice, signal)) {
        const found = redriven(rejection, await originalOf(log, rejection))
        const outcome = door === null ? found : await sent(found, door, connection)
        if (outcome.kind === 'event') {
          total.records++
          total.events += outcome.events
        } else total.left++
        if (json) terminal.out(JSON.stringify(outcomeJson(rejection, outcome)))
        else if (outcome.kind === 'refused')
          terminal.err(`${placeOf(rejection)}: not sent: ${printable(outcome.why)}`)
      }
      await door?.settle()
    } finally {
      await door?.close()
    }
    const { records, events, left } = total
    const did = dryRun ? 'would send' : 'sent'
    if (!json)
      terminal.out(
        `${did} ${counted(events, 'event')} of ${counted(records, 'record')} again, ${counted(left, 'record')} not`,
      )
    return left > 0 ? 1 : 0
  })
}

/** Where producers stamp the records, a wrong clock's event would take the partition's clock along: as `publish` refuses it. */
const maxJumpUs = 3_600_000_000

const sent = async (outcome: Redriven, door: Door, connection: Connection): Promise<Redriven> => {
  if (outcome.kind === 'refused') return outcome
  const { event } = outcome
  const why = isFact(event) ? await whyNotRecorded(event, connection) : await door.put(event)
  return why === null ? outcome : { kind: 'refused', why }
}

const whyNotRecorded = async (fact: Fact, connection: Connection): Promise<string | null> => {
  try {
    await publishFacts(connection, [fact])
    return null
  } catch (error) {
    if (error instanceof FactError) return error.message
    throw error
  }
}

const outcomeJson = (rejection: RecordRejected, outcome: Redriven): object => ({
  record: placeOf(rejection),
  reason: rejection.reason,
  ...(outcome.kind === 'event'
    ? { sent: true, events: outcome.events }
    : { sent: false, why: outcome.why }),
})
