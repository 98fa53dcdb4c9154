import { open } from 'node:fs/promises'
import { parseLine } from '@tidemark/codec'
import { defaultLayout } from '@tidemark/model'
import { parseDurationMs } from '@tidemark/runtime'
import { UsageError, type CommandContext, type ExitCode, type LogOptions } from '../context.ts'
import { counted } from '../counted.ts'
import { withLog } from '../open.ts'
import { progressOn } from '../progress.ts'
import type { SingleEvent } from '../publish/batcher.ts'
import { openDoor } from '../publish/door.ts'
import { linesOf, untilAborted } from '../publish/lines.ts'

export type PublishOptions = LogOptions & {
  readonly dryRun?: boolean
  readonly stamp: 'now' | 'event'
  readonly maxJump: string
  readonly flush?: boolean
  readonly batch?: boolean
  readonly json?: boolean
}

/** Takes an event, or says why it is refused. */
type Put = (event: SingleEvent) => Promise<string | null>
type Counts = { readonly taken: number; readonly bad: number }

/** Puts NDJSON events on the log. Bad lines are reported with their number and do not stop the rest. */
export const publish = async (
  file: string | undefined,
  options: PublishOptions,
  context: CommandContext,
): Promise<ExitCode> => {
  if (options.flush === true && options.stamp !== 'event')
    throw new UsageError('--flush goes with --stamp event: otherwise time goes on by itself')
  const maxJumpUs = maxJumpOf(options.maxJump)
  if (file === undefined || file === '-')
    return publishFrom(context.terminal.stdin, options, maxJumpUs, context)
  const handle = await openFile(file)
  try {
    const input = handle.createReadStream({ autoClose: false })
    return await publishFrom(input, options, maxJumpUs, context)
  } finally {
    await handle.close()
  }
}

const openFile = async (file: string): ReturnType<typeof open> => {
  try {
    return await open(file)
  } catch (error) {
    throw new UsageError(`${file}: ${error instanceof Error ? error.message : String(error)}`)
  }
}

const publishFrom = async (
  input: AsyncIterable<Uint8Array>,
  options: PublishOptions,
  maxJumpUs: number,
  context: CommandContext,
): Promise<ExitCode> => {
  const { stamp, batch = false, flush = false, dryRun = false } = options
  if (dryRun) {
    const { taken, bad } = await readEvents(input, () => Promise.resolve(null), options, context)
    return tell({ published: 0, valid: taken, bad, ticks: 0 }, options, context)
  }
  const layout = {
    ...defaultLayout,
    timestamps: stamp === 'event' ? 'producer' : 'broker',
  } as const
  return withLog(options, layout, async (connection) => {
    const door = await openDoor(connection, { stamp, batch, maxJumpUs })
    try {
      const { taken, bad } = await readEvents(input, door.put, options, context)
      // Whoever stopped in the middle goes on later, and must find the windows open.
      const ticks = flush && !context.signal.aborted ? await door.flush() : 0
      await door.settle()
      return tell({ published: taken, valid: taken, bad, ticks }, options, context)
    } finally {
      await door.close()
    }
  })
}

const maxJumpOf = (text: string): number => {
  try {
    return parseDurationMs(text) * 1000
  } catch (error) {
    throw new UsageError(`--max-jump: ${error instanceof Error ? error.message : String(error)}`)
  }
}

/** Reads lines, puts what is an event, counts and reports the rest. */
const readEvents = async (
  input: AsyncIterable<Uint8Array>,
  put: Put,
  { json = false }: PublishOptions,
  { terminal, signal }: CommandContext,
): Promise<Counts> => {
  const progress = progressOn(terminal, () => performance.now())
  let taken = 0
  let bad = 0
  for await (const lines of linesOf(untilAborted(input, signal))) {
    // What follows the signal may be half a line.
    if (signal.aborted) break
    for (const line of lines) {
      if (line.ok && line.text.trim() === '') continue
      const reason = line.ok ? await putLine(line.text, put) : line.reason
      if (reason === null) taken++
      else {
        bad++
        const { number } = line
        terminal.err(json ? JSON.stringify({ line: number, reason }) : `line ${number}: ${reason}`)
      }
    }
    progress.show(`${counted(taken, 'event')}, ${counted(bad, 'bad line')}`)
  }
  progress.end()
  return { taken, bad }
}

const putLine = async (text: string, put: Put): Promise<string | null> => {
  const parsed = parseLine(text)
  return parsed.ok ? put(parsed.event) : parsed.reason
}

type Summary = {
  readonly published: number
  readonly valid: number
  readonly bad: number
  readonly ticks: number
}

const tell = (
  summary: Summary,
  { json, dryRun }: PublishOptions,
  { terminal }: CommandContext,
): ExitCode => {
  const { published, valid, bad, ticks } = summary
  const what =
    dryRun === true ? counted(valid, 'valid event') : `published ${counted(published, 'event')}`
  const more = ticks > 0 ? `, ${counted(ticks, 'tick')}` : ''
  terminal.out(
    json === true ? JSON.stringify(summary) : `${what}, ${counted(bad, 'bad line')}${more}`,
  )
  return bad > 0 ? 1 : 0
}
