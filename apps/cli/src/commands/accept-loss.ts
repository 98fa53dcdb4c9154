import { inputGaps, publishFacts, type InputGap } from '@tidemark/assembly'
import { inputTopics, textFault, type InputTopic } from '@tidemark/model'
import { UsageError, type CommandContext, type ExitCode, type LogOptions } from '../context.ts'
import { counted } from '../counted.ts'
import { withLog } from '../open.ts'
import type { Terminal } from '../terminal.ts'

export type AcceptLossOptions = LogOptions & {
  readonly yes?: boolean
  readonly by?: string
  readonly note?: string
  readonly json?: boolean
}

/**
 * Records as a fact that the aggregator goes on behind records that the log removed before they were read. It acts when the aggregator
 * starts again and meets this very gap; a gap that has grown since takes another one.
 */
export const acceptLoss = (
  topicName: string,
  partitionText: string,
  options: AcceptLossOptions,
  { terminal }: CommandContext,
): Promise<ExitCode> => {
  const topic = topicIn(topicName)
  for (const field of ['by', 'note'] as const) {
    const fault = textFault(`--${field}`, options[field] ?? '')
    if (fault !== null) throw new UsageError(fault)
  }
  return withLog<ExitCode>(options, null, async (connection) => {
    const partition = partitionIn(partitionText, connection.layout.partitions)
    const gaps = await inputGaps(connection.log, connection.layout)
    const gap = gaps.find((of) => of.topic === topic && of.partition === partition)
    if (gap === undefined) {
      terminal.out(
        options.json === true
          ? JSON.stringify({ topic, partition, accepted: false })
          : `${topic}/${partition}: nothing is lost, the log keeps all that is still wanted`,
      )
      return 0
    }
    if (options.json !== true) for (const line of lossLines(gap)) terminal.out(line)
    if (options.yes !== true && !(await isConfirmed(terminal))) {
      terminal.err('nothing was accepted')
      return 1
    }
    const { by = null, note = null } = options
    const { fromOffset, toOffset } = gap
    const fact = { type: 'LossAccepted', topic, partition, fromOffset, toOffset, by, note } as const
    const [published] = await publishFacts(connection, [fact])
    const factOffset = published!.places[0]!.offset
    terminal.out(
      options.json === true
        ? JSON.stringify({ ...fact, accepted: true, lost: lostOf(gap), factOffset })
        : `accepted in facts/${partition} at offset ${factOffset}: start the aggregator again`,
    )
    return 0
  })
}

const topicIn = (name: string): InputTopic => {
  const topic = inputTopics.find((input) => input === name)
  if (topic !== undefined) return topic
  throw new UsageError(`${JSON.stringify(name)} is no input topic: ${inputTopics.join(', ')}`)
}

const partitionIn = (text: string, partitions: number): number => {
  if (/^\d{1,4}$/.test(text) && Number(text) < partitions) return Number(text)
  throw new UsageError(
    `partition: ${JSON.stringify(text)} is not an integer of 0 to ${partitions - 1}`,
  )
}

const lostOf = ({ position, toOffset }: InputGap): number => Math.max(0, toOffset - position)

const lossLines = (gap: InputGap): readonly string[] => {
  const { topic, partition, fromOffset, toOffset, position } = gap
  const readBefore = Math.min(position, toOffset) - fromOffset
  return [
    `${topic}/${partition}: offsets ${fromOffset} to ${toOffset - 1} are wanted and no longer kept`,
    `  ${counted(lostOf(gap), 'record')} never read: the ledger will count them as lost`,
    `  ${counted(readBefore, 'record')} read and counted before: what they held of windows still open is gone`,
    '  Windows that may have held events of these records will be marked incomplete.',
  ]
}

/** Asks where somebody can answer. */
const isConfirmed = async (terminal: Terminal): Promise<boolean> => {
  if (!terminal.outIsTerminal)
    throw new UsageError('accept-loss: nobody is there to be asked; say --yes to accept this')
  terminal.err('Type "yes" to accept this:')
  let answer = ''
  for await (const bytes of terminal.stdin) {
    answer += Buffer.from(bytes).toString('utf8')
    if (answer.includes('\n') || answer.length > 100) break
  }
  return answer.trim() === 'yes'
}
