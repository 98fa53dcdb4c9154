import { consumeAlerts } from '@tidemark/client'
import { alertHistories, alertJson, type AlertHistory } from '@tidemark/evaluation'
import { isoOf, type AlertEvent } from '@tidemark/model'
import type { CommandContext, ExitCode, LogOptions } from '../context.ts'
import { withLog, withStore } from '../open.ts'
import { tableLines, type Column } from '../table.ts'
import { paintStatus, type Terminal } from '../terminal.ts'
import { alertLine } from '../watch/lines.ts'

export type AlertsOptions = LogOptions & {
  readonly follow?: boolean
  readonly firing?: boolean
  readonly json?: boolean
}

/** Alerts with their state, in order of raising; with --follow, each alert event from the oldest on, as it comes. */
export const alerts = async (
  options: AlertsOptions,
  { terminal, signal }: CommandContext,
): Promise<ExitCode> => {
  if (options.follow === true) await follow(options, terminal, signal)
  else
    await withStore(options, async (store) => {
      const state = options.firing === true ? 'firing' : 'any'
      const histories = alertHistories(await store.alertEvents({ state, limit: 0 }))
      if (options.json === true) for (const history of histories) showJson(terminal, history)
      else for (const line of tableLines(columnsOn(terminal), histories)) terminal.out(line)
    })
  return 0
}

const follow = (options: AlertsOptions, terminal: Terminal, signal: AbortSignal): Promise<void> =>
  withLog(options, null, async ({ log }) => {
    const open = new Map<string, readonly AlertEvent[]>()
    for await (const { event } of consumeAlerts(log, { from: 'earliest', signal })) {
      const events = [...(open.get(event.alertId) ?? []), event]
      // A resolved alert says no more, and what follows for ever must not grow for ever.
      if (event.type === 'AlertResolved') open.delete(event.alertId)
      else open.set(event.alertId, events)
      if (options.json !== true) terminal.out(alertLine(terminal, event))
      else for (const history of alertHistories(events)) showJson(terminal, history)
    }
  })

const showJson = (terminal: Terminal, history: AlertHistory): void => {
  terminal.out(JSON.stringify(alertJson(history)))
}

const columnsOn = (terminal: Terminal): readonly Column<AlertHistory>[] => [
  { title: 'raised', text: ({ first }) => isoOf(first.raisedAtUs) },
  {
    title: 'resolved',
    text: ({ resolved }) => (resolved === null ? 'firing' : isoOf(resolved.resolvedAtUs)),
  },
  {
    title: 'severity',
    text: ({ latest }) => latest.severity,
    paint: ({ latest }, padded) => paintStatus(terminal, latest.severity, padded),
  },
  { title: 'rule', text: ({ first }) => first.rule },
  { title: 'alert', text: ({ latest }) => latest.summary },
]
