import {
  matchersText,
  silenceJson,
  silencesOf,
  silenceState,
  type Silence,
} from '@tidemark/evaluation'
import { isoOf, type Matcher, type SilenceCreated, type SilenceExpired } from '@tidemark/model'
import type { SnapshotStore } from '@tidemark/store'
import { matchersIn } from '../alerts/choice.ts'
import { UsageError, type CommandContext, type ExitCode, type JsonOptions } from '../context.ts'
import { counted } from '../counted.ts'
import { durationUs } from '../durations.ts'
import { integerIn } from '../integers.ts'
import { withStore } from '../open.ts'
import { onSaying, saidBy, say, type SayingOptions } from '../record/saying.ts'
import {
  isServiceLabel,
  previewJson,
  previewLines,
  serviceLabels,
  silencePreview,
} from '../silences/preview.ts'
import { tableLines, type Column } from '../table.ts'
import { parseMoment } from '../times.ts'
import { silenceFacts } from './alert.ts'

export type SilenceAddOptions = SayingOptions & {
  readonly for?: string
  readonly from?: string
  readonly until?: string
  readonly maintenance?: boolean
  readonly maxServices: string
  readonly yes?: boolean
}

/** Makes a silence or maintenance, after it has looked at what that would hide. */
export const silenceAdd = async (
  args: readonly string[],
  options: SilenceAddOptions,
  context: CommandContext,
): Promise<ExitCode> => {
  const matchers = matchersIn(args)
  const said = saidBy(options)
  const max = integerIn('--max-services', options.maxServices, 0, 1_000_000)
  if ((options.for === undefined) === (options.until === undefined))
    throw new UsageError('silence add: say how long, with one of --for and --until')
  if (options.maintenance === true) requireServiceLabels(matchers)
  if (options.yes !== true) {
    const hidden = await tooMany(matchers, max, options, context)
    if (hidden) return 1
  }
  return onSaying<ExitCode>(options, async (saying) => {
    const fromUs = options.from === undefined ? saying.nowUs : parseMoment('--from', options.from)
    const toUs =
      options.until === undefined
        ? fromUs + durationUs('--for', options.for ?? '')
        : parseMoment('--until', options.until)
    if (toUs <= fromUs)
      throw new UsageError(`--until: ${isoOf(toUs)} is not after the beginning, ${isoOf(fromUs)}`)
    const fact: SilenceCreated = {
      type: 'SilenceCreated',
      id: saying.drawId(`${matchersText(matchers)} ${fromUs} ${toUs}`),
      atUs: saying.nowUs,
      ...said,
      ...{ matchers: matchersText(matchers), fromUs, toUs },
      maintenance: options.maintenance ?? false,
    }
    await say(saying, [fact], options, context)
    return 0
  })
}

/** Maintenance is of services: it looks at nothing that only alerts have. */
const requireServiceLabels = (matchers: readonly Matcher[]): void => {
  const other = matchers.find(({ label }) => !isServiceLabel(label))
  if (other !== undefined)
    throw new UsageError(
      `--maintenance: ${other.label} is no label of services, which are ${serviceLabels.join(', ')}`,
    )
}

/** Whether it would hide more than it may without being told to, which is said. */
const tooMany = (
  matchers: readonly Matcher[],
  max: number,
  options: SilenceAddOptions,
  { terminal }: CommandContext,
): Promise<boolean> =>
  withStore(options, async (store) => {
    const preview = await silencePreview(store, matchers)
    const { services, servicesKnown } = preview
    if (services.length <= max) return false
    for (const line of previewLines(preview)) terminal.err(line)
    terminal.err(
      `nothing was silenced: ${counted(services.length, 'service')} of ${servicesKnown} would be hidden, more than ${max} (--max-services); --yes does it all the same`,
    )
    return true
  })

export const silencePreviewCommand = (
  args: readonly string[],
  options: JsonOptions,
  { terminal }: CommandContext,
): Promise<ExitCode> => {
  const matchers = matchersIn(args)
  return withStore<ExitCode>(options, async (store) => {
    const preview = await silencePreview(store, matchers)
    if (options.json === true) terminal.out(JSON.stringify(previewJson(preview)))
    else for (const line of previewLines(preview)) terminal.out(line)
    return 0
  })
}

/** Ends a silence before its time. */
export const silenceExpire = async (
  prefix: string,
  options: SayingOptions,
  context: CommandContext,
): Promise<ExitCode> => {
  const said = saidBy(options)
  const silence = await withStore(options, (store) => silenceById(store, prefix))
  return onSaying<ExitCode>(options, async (saying) => {
    if (silenceState(silence, saying.nowUs) === 'over')
      throw new UsageError(`silence ${silence.id} is over already`)
    const fact: SilenceExpired = {
      type: 'SilenceExpired',
      id: saying.drawId(`expire ${silence.id}`),
      atUs: saying.nowUs,
      ...said,
      silenceId: silence.id,
    }
    await say(saying, [fact], options, context)
    return 0
  })
}

const silenceById = async (store: SnapshotStore, prefix: string): Promise<Silence> => {
  if (!/^[0-9a-f-]{4,36}$/i.test(prefix))
    throw new UsageError(
      `${JSON.stringify(prefix)} is no id of a silence, nor the first four of its digits or more: "tidemark silence list" lists them`,
    )
  const begins = prefix.toLowerCase()
  const found = silencesOf(await silenceFacts(store)).filter(({ id }) => id.startsWith(begins))
  const [silence, ...others] = found
  if (silence === undefined)
    throw new UsageError(
      `no silence has an id that begins with ${prefix}: "tidemark silence list" lists them; those of the configuration end there`,
    )
  if (others.length > 0)
    throw new UsageError(
      `several silences have an id that begins with ${prefix}: ${found.map(({ id }) => id).join(', ')}`,
    )
  return silence
}

export type SilenceListOptions = JsonOptions & { readonly all?: boolean }

/** Silences that hold or will hold, as of the newest judged window; with --all those that are over as well. */
export const silenceList = (
  options: SilenceListOptions,
  { terminal }: CommandContext,
): Promise<ExitCode> =>
  withStore<ExitCode>(options, async (store) => {
    const nowUs = (await store.newestSlices(Number.MAX_SAFE_INTEGER)).reduce(
      (us, { windowEndUs }) => Math.max(us, windowEndUs),
      0,
    )
    const silences = silencesOf(await silenceFacts(store)).filter(
      (silence) => options.all === true || silenceState(silence, nowUs) !== 'over',
    )
    if (options.json === true)
      for (const silence of silences) terminal.out(JSON.stringify(silenceJson(silence, nowUs)))
    else if (silences.length === 0) terminal.out('No silences')
    else for (const line of tableLines(columnsAt(nowUs), silences)) terminal.out(line)
    return 0
  })

const columnsAt = (nowUs: number): readonly Column<Silence>[] => [
  { title: 'id', text: ({ id }) => id.slice(0, 8) },
  { title: 'state', text: (silence) => silenceState(silence, nowUs) },
  { title: 'from', text: ({ fromUs }) => isoOf(fromUs) },
  { title: 'to', text: ({ toUs }) => isoOf(toUs) },
  { title: 'by', text: ({ by }) => by ?? '-' },
  {
    title: 'silence',
    text: ({ matchers, note, maintenance }) =>
      [matchers, ...(maintenance ? ['maintenance'] : []), ...(note === null ? [] : [note])].join(
        '; ',
      ),
  },
]
