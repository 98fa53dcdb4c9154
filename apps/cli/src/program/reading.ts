import type { RejectedOptions } from '../commands/rejected.ts'
import type { ReportOptions } from '../commands/report.ts'
import type { TailOptions } from '../commands/tail.ts'
import type { WindowsOptions } from '../commands/windows.ts'
import type { JsonOptions } from '../context.ts'
import { addAlerts } from './alerts.ts'
import { chosen, examples, json, onLog, onStore, type Add } from './options.ts'

/** What shows what is known. */
export const addReading: Add = (program, context, run) => {
  examples(
    json(onStore(program.command('report')))
      .description('how is the platform doing?')
      .option('--at <time>', 'at this moment: ISO 8601 or epoch microseconds')
      .option('--diff <time>', 'what changed since that moment')
      .option('--markdown', 'as Markdown, with what led to it')
      .option('--html <file>', 'the same as one HTML file with charts, which needs nothing else')
      .option(
        '--since <time>',
        'how far --markdown and --html look back (default: a week, or all there is)',
      ),
    'report',
    'report --at 2026-11-21T03:00:00Z --json',
    'report --diff 2026-11-20T03:00:00Z',
    'report --html digest.html --since 2026-11-14T03:00:00Z',
  ).action(
    run(async (options: ReportOptions) => {
      const { report } = await import('../commands/report.ts')
      return report(options, context)
    }),
  )
  addAlerts(program, context, run)
  examples(
    json(onStore(program.command('services'))).description('the latest judgement of each service'),
    'services',
  ).action(
    run(async (options: JsonOptions) => {
      const { services } = await import('../commands/services.ts')
      return services(options, context)
    }),
  )
  examples(
    json(onStore(program.command('windows')))
      .argument('[service]', 'only this service')
      .description('closed windows with counts and percentiles')
      .option('--from <time>', 'windows that end after this moment')
      .option('--to <time>', 'windows that end at or before this moment'),
    'windows checkout',
    'windows --json --from 2026-11-21T03:00:00Z',
  ).action(
    run(async (service: string | undefined, options: WindowsOptions) => {
      const { windows } = await import('../commands/windows.ts')
      return windows(service, options, context)
    }),
  )
  examples(
    json(onLog(program.command('ledger'))).description(
      'where every event ended: aggregated, late, duplicate or rejected',
    ),
    'ledger',
  ).action(
    run(async (options: JsonOptions) => {
      const { ledger } = await import('../commands/ledger.ts')
      return ledger(options, context)
    }),
  )
  examples(
    json(onLog(program.command('lag'))).description(
      'how far every task is behind, whose it is, and when it last committed',
    ),
    'lag',
    'lag --json --brokers localhost:9092',
  ).action(
    run(async (options: JsonOptions) => {
      const { lag } = await import('../commands/lag.ts')
      return lag(options, context)
    }),
  )
  examples(
    json(chosen(onLog(program.command('rejected'))))
      .description('what was refused, why, and the bytes')
      .option('--limit <number>', 'rows of the table, the last ones', '1000'),
    'rejected',
    'rejected --reason future --json',
  ).action(
    run(async (options: RejectedOptions) => {
      const { rejected } = await import('../commands/rejected.ts')
      return rejected(options, context)
    }),
  )
  examples(
    onLog(program.command('tail'))
      .argument('<topic>', 'topic, without prefix')
      .description(
        'decoded records as NDJSON: the last ten of each partition, or from where --from says',
      )
      .option('--from <start>', 'earliest, latest, an offset, or a time')
      .option('--partition <number>', 'only this partition')
      .option('-f, --follow', 'go on with what comes'),
    'tail alerts --follow',
    'tail requests --from earliest --partition 0',
  ).action(
    run(async (topic: string, options: TailOptions) => {
      const { tail } = await import('../commands/tail.ts')
      return tail(topic, options, context)
    }),
  )
}
