import { consumeAlerts } from '@tidemark/client'
import { alertHistories, alertJson, type AlertHistory } from '@tidemark/evaluation'
import type { AlertEvent } from '@tidemark/model'
import type { CommandContext, ExitCode, LogOptions } from '../context.ts'
import { withLog, withStore } from '../open.ts'
import type { Terminal } from '../terminal.ts'
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
  const show = options.json === true ? showJson(terminal) : showLine(terminal)
  if (options.follow === true)
    await withLog(options, null, async ({ log }) => {
      const open = new Map<string, readonly AlertEvent[]>()
      for await (const { event } of consumeAlerts(log, { from: 'earliest', signal })) {
        const events = [...(open.get(event.alertId) ?? []), event]
        // A resolved alert says no more, and what follows for ever must not grow for ever.
        if (event.type === 'AlertResolved') open.delete(event.alertId)
        else open.set(event.alertId, events)
        for (const history of alertHistories(events)) show(history)
      }
    })
  else
    await withStore(options, async (store) => {
      const state = options.firing === true ? 'firing' : 'any'
      for (const history of alertHistories(await store.alertEvents({ state, limit: 0 })))
        show(history)
    })
  return 0
}

type Show = (history: AlertHistory) => void

const showJson =
  (terminal: Terminal): Show =>
  (history) => {
    terminal.out(JSON.stringify(alertJson(history)))
  }

const showLine =
  (terminal: Terminal): Show =>
  (history) => {
    terminal.out(alertLine(terminal, history.events.at(-1) ?? history.latest))
  }
