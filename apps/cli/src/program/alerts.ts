import type { AlertOptions } from '../commands/alert.ts'
import type { AlertsOptions } from '../commands/alerts.ts'
import type { SloOptions } from '../commands/slo.ts'
import { examples, json, onStore, type Add } from './options.ts'

/** What shows alerts and objectives. */
export const addAlerts: Add = (program, context, run) => {
  examples(
    json(onStore(program.command('alerts')))
      .argument('[matchers...]', 'as Alertmanager has them, on the labels of the alerts')
      .description('alerts, newest last')
      .option('--follow', 'go on with what comes')
      .option('--firing', 'only those that fire')
      .option('--silenced', 'only those that a silence or maintenance hides')
      .option('--inhibited', 'only those that another alert makes superfluous')
      .option('--acknowledged', 'only those that somebody has answered')
      .option('--unanswered', 'only those that fire, and neither hidden nor answered'),
    'alerts --firing',
    `alerts --unanswered 'severity=~"page|critical"' team=shop`,
    'alerts --follow --json',
  ).action(
    run(async (matchers: readonly string[], options: AlertsOptions) => {
      const { alerts } = await import('../commands/alerts.ts')
      return alerts(matchers, options, context)
    }),
  )
  examples(
    json(onStore(program.command('alert')))
      .argument('<id>', 'of an alert; the beginning is enough')
      .description(
        'the whole story of one alert: what happened, on what evidence, from which records, and what hid it',
      ),
    'alert 6f1c2d3e',
    'alert 6f1c2d3e4b5a49788695a4b3c2d1e0f0 --json',
  ).action(
    run(async (id: string, options: AlertOptions) => {
      const { alert } = await import('../commands/alert.ts')
      return alert(id, options, context)
    }),
  )
  // Others may hang their own commands on it.
  examples(
    json(onStore(program.command('slo')))
      .description('objectives: compliance, budget left and burned, and how long it lasts')
      .option('--service <service>', 'only this service')
      .option('--hours <number>', 'hours of the sparkline', '24'),
    'slo',
    'slo --service checkout --json',
  ).action(
    run(async (options: SloOptions) => {
      const { slo } = await import('../commands/slo.ts')
      return slo(options, context)
    }),
  )
}
