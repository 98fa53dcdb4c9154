import {
  alertHistories,
  inhibitorsNamed,
  silencesNamed,
  silencesOf,
  storyJson,
  storyText,
  type AlertHistory,
  type AlertStory,
} from '@tidemark/evaluation'
import type { SnapshotStore } from '@tidemark/store'
import { alertById } from '../alerts/find.ts'
import type { CommandContext, ExitCode, JsonOptions } from '../context.ts'
import { withStore } from '../open.ts'
import { printable } from '../printable.ts'
import { pageWidth, painterOn } from '../terminal.ts'

export type AlertOptions = JsonOptions

/** The whole story of one alert. */
export const alert = (
  id: string,
  options: AlertOptions,
  { terminal }: CommandContext,
): Promise<ExitCode> =>
  withStore<ExitCode>(options, async (store) => {
    const story = await storyOf(store, await alertById(store, id))
    if (options.json === true)
      terminal.out(JSON.stringify(storyJson(story, story.history.newest.windowEndUs)))
    else
      for (const line of storyText(story, pageWidth(terminal), painterOn(terminal))
        .trimEnd()
        .split('\n'))
        terminal.out(terminal.colours ? line : printable(line))
    return 0
  })

const storyOf = async (store: SnapshotStore, history: AlertHistory): Promise<AlertStory> => {
  const named = new Set(silencesNamed(history))
  const inhibitors: AlertHistory[] = []
  for (const idPrefix of inhibitorsNamed(history))
    inhibitors.push(
      ...alertHistories(await store.alertEvents({ state: 'any', limit: 1, idPrefix })),
    )
  return {
    history,
    silences:
      named.size === 0
        ? []
        : silencesOf(await silenceFacts(store)).filter((silence) => named.has(silence.id)),
    inhibitors,
  }
}

/** All that was said of silences, in its order. */
export const silenceFacts = async (store: SnapshotStore): ReturnType<SnapshotStore['facts']> => [
  ...(await store.facts({ type: 'SilenceCreated', service: null, alertId: null })),
  ...(await store.facts({ type: 'SilenceExpired', service: null, alertId: null })),
]
