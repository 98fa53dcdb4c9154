import { consumeAlerts } from '@tidemark/client'
import { alertHistories, alertJson, withMarks, type AlertHistory } from '@tidemark/evaluation'
import { isoOf, type AlertEvent } from '@tidemark/model'
import { alertChoice, type AlertChoiceOptions } from '../alerts/choice.ts'
import type { CommandContext, ExitCode } from '../context.ts'
import { withLog, withStore } from '../open.ts'
import { tableLines, type Column } from '../table.ts'
import { paintStatus, type Terminal } from '../terminal.ts'
import { alertLine } from '../watch/lines.ts'

export type AlertsOptions = AlertChoiceOptions & {
  readonly follow?: boolean
  readonly json?: boolean
}

type Choice = (history: AlertHistory) => boolean

/** Alerts with their state, in order of raising; with --follow, each alert event from the oldest on, as it comes. */
export const alerts = async (
  matchers: readonly string[],
  options: AlertsOptions,
  { terminal, signal }: CommandContext,
): Promise<ExitCode> => {
  const isChosen = alertChoice(matchers, options)
  if (options.follow === true) await follow(isChosen, options, terminal, signal)
  else
    await withStore(options, async (store) => {
      const isUp = options.firing === true || options.unanswered === true
      const events = await store.alertEvents({ state: isUp ? 'firing' : 'any', limit: 0 })
      const histories = alertHistories(events).filter(isChosen)
      if (options.json === true) for (const history of histories) showJson(terminal, history)
      else for (const line of tableLines(columnsOn(terminal), histories)) terminal.out(line)
    })
  return 0
}

const follow = (
  isChosen: Choice,
  options: AlertsOptions,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<void> =>
  withLog(options, null, async ({ log }) => {
    const open = new Map<string, readonly AlertEvent[]>()
    for await (const { event } of consumeAlerts(log, { from: 'earliest', signal })) {
      const events = [...(open.get(event.alertId) ?? []), event]
      // A resolved alert says no more, and what follows for ever must not grow for ever.
      if (event.type === 'AlertResolved') open.delete(event.alertId)
      else open.set(event.alertId, kept(events))
      const [history] = alertHistories(events)
      if (history === undefined || !isChosen(history)) continue
      if (options.json === true) showJson(terminal, history)
      else terminal.out(alertLine(terminal, event))
    }
  })

/** Of an alert that is told of without end, its beginning and its end. */
const eventsMax = 100
const kept = (events: readonly AlertEvent[]): readonly AlertEvent[] =>
  events.length <= eventsMax ? events : [...events.slice(0, 1), ...events.slice(1 - eventsMax)]

const showJson = (terminal: Terminal, history: AlertHistory): void => {
  terminal.out(JSON.stringify(alertJson(history)))
}

const columnsOn = (terminal: Terminal): readonly Column<AlertHistory>[] => [
  { title: 'id', text: ({ first }) => first.alertId.slice(0, 8) },
  { title: 'raised', text: ({ first }) => isoOf(first.raisedAtUs) },
  {
    title: 'resolved',
    text: ({ resolved }) => (resolved === null ? 'firing' : isoOf(resolved.resolvedAtUs)),
  },
  {
    title: 'severity',
    text: ({ newest }) => newest.severity,
    paint: ({ newest }, padded) => paintStatus(terminal, newest.severity, padded),
  },
  { title: 'rule', text: ({ first }) => first.rule },
  {
    title: 'alert',
    text: ({ latest, newest, resolved }) =>
      resolved === null ? withMarks(latest.summary, newest) : latest.summary,
  },
]
