import { verifyLog, type Verification } from '@tidemark/assembly'
import type { Layout } from '@tidemark/model'
import { UsageError, type CommandContext, type ExitCode, type JsonOptions } from '../context.ts'
import { withLog } from '../open.ts'
import { progressOn } from '../progress.ts'
import { tableLines } from '../table.ts'
import { parseMoment } from '../times.ts'
import { differenceJson, differenceLines, verificationJson } from '../verify/findings.ts'
import { remainingText } from '../verify/remaining.ts'
import { uncheckedText } from '../verify/unchecked-text.ts'
import type { Terminal } from '../terminal.ts'

export type VerifyOptions = JsonOptions & {
  readonly from?: string
  readonly to?: string
  readonly partition?: readonly string[]
}

/**
 * Re-executes a log from the inputs that it retains and compares what comes out with what was emitted, byte for byte (I12). Only reads: the
 * processors may be at work meanwhile.
 */
export const verify = (
  options: VerifyOptions,
  { terminal, signal }: CommandContext,
): Promise<ExitCode> =>
  withLog<ExitCode>(options, null, async ({ log, layout }) => {
    const range = rangeIn(options, layout)
    const nowMs = (): number => performance.now()
    const progress = progressOn(terminal, nowMs)
    const startMs = nowMs()
    const verification = await verifyLog(log, layout, {
      ...{ ...range, signal },
      observe: (done, total) => {
        progress.show(`verifying: ${remainingText(done, total, nowMs() - startMs)}`)
      },
    })
    progress.end()
    if (options.json === true) terminal.out(JSON.stringify(verificationJson(verification)))
    else tell(verification, terminal)
    return verification.outcome === 'equal' ? 0 : 1
  })

const rangeIn = (
  { from, to, partition = [] }: VerifyOptions,
  { partitions }: Layout,
): {
  readonly fromUs: number | null
  readonly toUs: number | null
  readonly partitions: readonly number[] | null
} => {
  const chosen = [...new Set(partition)].map((text) => {
    if (/^\d{1,4}$/.test(text) && Number(text) < partitions) return Number(text)
    throw new UsageError(
      `--partition: ${JSON.stringify(text)} is no partition, there are 0 to ${partitions - 1}`,
    )
  })
  const fromUs = from === undefined ? null : parseMoment('--from', from)
  const toUs = to === undefined ? null : parseMoment('--to', to)
  if (fromUs !== null && toUs !== null && fromUs >= toUs)
    throw new UsageError(`--to: ${to} is not after --from ${from}`)
  return {
    ...{ fromUs, toUs },
    partitions: chosen.length === 0 ? null : chosen.sort((a, b) => a - b),
  }
}

const tell = ({ outcome, inputs, topics, unchecked }: Verification, terminal: Terminal): void => {
  for (const line of tableLines(columns, topics)) terminal.out(line)
  for (const note of unchecked) terminal.out(`not checked: ${uncheckedText(note)}`)
  for (const { first } of topics)
    if (first !== null)
      for (const line of differenceLines(differenceJson(first))) terminal.out(line)
  switch (outcome) {
    case 'equal':
      terminal.out(`equal: ${inputs} input records give what was emitted, byte for byte`)
      return
    case 'different':
      terminal.out('different: what was emitted is not what the inputs give')
      return
    default:
      terminal.out(`stopped after ${inputs} input records, no difference up to there`)
  }
}

type Row = Verification['topics'][number]

const columns = [
  { title: 'topic', text: ({ topic }: Row) => topic },
  { title: 'compared', align: 'right', text: ({ emitted }: Row) => String(emitted.records) },
  { title: 'repeats', align: 'right', text: ({ repeats }: Row) => String(repeats) },
  { title: 'sha-256', text: ({ emitted }: Row) => emitted.digest.slice(0, 16) },
  {
    title: '',
    text: ({ differences, emitted }: Row) => {
      if (differences > 0) return `different: ${differences}`
      return emitted.records === 0 ? 'nothing to compare' : 'equal'
    },
  },
] as const
