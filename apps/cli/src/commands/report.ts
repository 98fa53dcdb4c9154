import { writeFile } from 'node:fs/promises'
import {
  diffJson,
  diffText,
  digestDefaultUs,
  reportHtml,
  reportJson,
  reportMarkdown,
  reportText,
  type PlatformReport,
} from '@tidemark/evaluation'
import { isoOf } from '@tidemark/model'
import type { SnapshotStore } from '@tidemark/store'
import { UsageError, type CommandContext, type ExitCode, type JsonOptions } from '../context.ts'
import { withStore } from '../open.ts'
import { diffSince, digestOf } from '../report/digest-of.ts'
import { platformAt } from '../report/platform-at.ts'
import { pageWidth, painterOn, type Terminal } from '../terminal.ts'
import { parseMoment } from '../times.ts'

export type ReportOptions = JsonOptions & {
  readonly at?: string
  readonly diff?: string
  readonly markdown?: boolean
  readonly html?: string
  readonly since?: string
}

/** How the platform is doing, as of the newest window that every partition has judged; or what changed since another moment. */
export const report = (options: ReportOptions, { terminal }: CommandContext): Promise<ExitCode> => {
  const forms = [options.json, options.diff, options.markdown, options.html]
  if (options.markdown === true && forms.filter(Boolean).length > 1)
    throw new UsageError('--markdown, --json, --diff and --html: choose one')
  if (options.html !== undefined && (options.json === true || options.diff !== undefined))
    throw new UsageError('--html goes with neither --json nor --diff')
  if (options.since !== undefined && options.markdown !== true && options.html === undefined)
    throw new UsageError('--since goes with --markdown or --html: it says how far they look back')
  return withStore<ExitCode>(options, async (store) => {
    const atUs =
      options.at === undefined ? Number.MAX_SAFE_INTEGER : parseMoment('--at', options.at)
    const { platform, lagging } = await platformAt(store, atUs)
    if (platform === null) {
      const when = options.at === undefined ? 'yet' : `at or before ${isoOf(atUs)}`
      throw new UsageError(
        `no window is judged ${when}; windows are judged some 15 s after they begin`,
      )
    }
    for (const line of lagging) terminal.err(line)
    await show(store, platform, options, terminal)
    return 0
  })
}

const show = async (
  store: SnapshotStore,
  platform: PlatformReport,
  options: ReportOptions,
  terminal: Terminal,
): Promise<void> => {
  if (options.diff !== undefined) {
    terminal.out(await changesSince(store, platform, options.diff, options.json, terminal))
    return
  }
  if (options.html !== undefined) {
    await writeFile(
      options.html,
      reportHtml(await digestOf(store, await sinceIn(store, options, platform), platform)),
    )
    terminal.out(`${options.html}: the report as of ${isoOf(platform.asOfUs)}`)
    return
  }
  if (options.markdown === true)
    terminal.out(
      reportMarkdown(
        await digestOf(store, await sinceIn(store, options, platform), platform),
      ).trimEnd(),
    )
  else if (options.json === true) terminal.out(JSON.stringify(reportJson(platform)))
  else terminal.out(reportText(platform, pageWidth(terminal), painterOn(terminal)).trimEnd())
}

const changesSince = async (
  store: SnapshotStore,
  platform: PlatformReport,
  moment: string,
  asJson: boolean | undefined,
  terminal: Terminal,
): Promise<string> => {
  const fromUs = earlier('--diff', parseMoment('--diff', moment), platform)
  const diff = await diffSince(store, fromUs, platform)
  if (diff === null)
    throw new UsageError(`--diff: no window is judged at or before ${isoOf(fromUs)}`)
  return asJson === true
    ? JSON.stringify(diffJson(diff))
    : diffText(diff, pageWidth(terminal), painterOn(terminal)).trimEnd()
}

/** A week before the report, or where the snapshots begin, unless the options say otherwise. */
const sinceIn = async (
  store: SnapshotStore,
  { since }: ReportOptions,
  platform: PlatformReport,
): Promise<number> => {
  if (since !== undefined) return earlier('--since', parseMoment('--since', since), platform)
  const fromUs = Math.max(0, platform.asOfUs - digestDefaultUs)
  const changes = await store.statusChanges({ service: null, fromUs, toUs: platform.asOfUs - 1 })
  const firstUs = changes.reduce((us, { sinceUs }) => Math.min(us, sinceUs), platform.asOfUs)
  return firstUs < platform.asOfUs ? Math.max(fromUs, firstUs) : fromUs
}

const earlier = (option: string, atUs: number, { asOfUs }: PlatformReport): number => {
  if (atUs < asOfUs) return atUs
  throw new UsageError(
    `${option}: ${isoOf(atUs)} is not before the report, which is as of ${isoOf(asOfUs)}`,
  )
}
