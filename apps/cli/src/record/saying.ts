import { randomUUID } from 'node:crypto'
import { publishFacts, type Connection, type PublishedFact } from '@tidemark/assembly'
import { inputTopics, textFault, type Fact } from '@tidemark/model'
import { noteBytesMax } from '@tidemark/codec'
import { UsageError, type CommandContext, type LogOptions } from '../context.ts'
import { withLog } from '../open.ts'
import { repeatableIds } from '../publish/repeatable-ids.ts'
import { factLine } from './fact-text.ts'

export type SayingOptions = LogOptions & {
  readonly by?: string
  readonly note?: string
  readonly json?: boolean
}

/** Where facts are said: the log, its time, and ids for them. */
export type Saying = {
  readonly connection: Connection
  /** The time of the log: by this machine's clock where it stamps its records itself, otherwise its newest record. */
  readonly nowUs: number
  /** Follows from what is said and the place in the log where producers stamp it, so that a backfill can be repeated. */
  readonly drawId: (content: string) => string
}

/** Who says it, and why; UsageError where that is no text. */
export const saidBy = ({
  by,
  note,
}: SayingOptions): { readonly by: string | null; readonly note: string | null } => {
  const faults = [
    by === undefined ? null : textFault('--by', by),
    note === undefined ? null : textFault('--note', note, noteBytesMax),
  ]
  for (const fault of faults) if (fault !== null) throw new UsageError(fault)
  return { by: by ?? null, note: note ?? null }
}

export const onSaying = <T>(
  options: LogOptions,
  work: (saying: Saying) => Promise<T>,
): Promise<T> => withLog(options, null, async (connection) => work(await sayingOn(connection)))

const sayingOn = async (connection: Connection): Promise<Saying> => {
  const { log, layout } = connection
  if (layout.timestamps === 'broker')
    return { connection, nowUs: Date.now() * 1000, drawId: () => randomUUID() }
  let newestMs = 0
  for (const topic of inputTopics)
    for (const { lastTimestampMs } of await log.bounds(topic))
      newestMs = Math.max(newestMs, lastTimestampMs ?? 0)
  const ids = await repeatableIds(log)
  return { connection, nowUs: newestMs * 1000, drawId: (content) => ids('facts', 0, content) }
}

/** Publishes facts and says where they stand. */
export const say = async (
  { connection }: Saying,
  facts: readonly Fact[],
  { json = false }: SayingOptions,
  { terminal }: CommandContext,
): Promise<void> => {
  for (const published of await publishFacts(connection, facts))
    terminal.out(json ? JSON.stringify(saidJson(published)) : saidText(published))
}

const saidJson = ({ fact, places }: PublishedFact<Fact>) => ({ ...fact, places })

const saidText = ({ fact, places: [first, ...others] }: PublishedFact<Fact>): string => {
  const place = first === undefined ? '' : `facts/${first.partition}@${first.offset}`
  const more = others.length === 0 ? '' : ` and ${others.length} more partitions`
  return `${factLine(fact)} (${place}${more})`
}
