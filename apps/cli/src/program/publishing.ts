import { Option } from 'commander'
import type { AcceptLossOptions } from '../commands/accept-loss.ts'
import type { PublishOptions } from '../commands/publish.ts'
import type { RedriveOptions } from '../commands/redrive.ts'
import { chosen, examples, json, onLog, type Add } from './options.ts'

/** What puts records on the log. */
export const addPublishing: Add = (program, context, run) => {
  examples(
    onLog(program.command('publish'))
      .argument('[file]', 'NDJSON file; standard input without one')
      .description('put events on the log, one JSON object a line')
      .addOption(
        new Option(
          '--stamp <what>',
          'timestamps of the records: when they arrive, or event time (backfill)',
        )
          .choices(['now', 'event'])
          .default('now'),
      )
      .option(
        '--max-jump <duration>',
        'with --stamp event: how far an event may be ahead of all before',
        '1h',
      )
      .option(
        '--flush',
        'with --stamp event: afterwards tick every partition so that all windows close',
      )
      .option(
        '--batch',
        'one RequestBatch per service and some hundred requests instead of single records',
      )
      .option('--dry-run', 'check the lines only')
      .option('--json', 'print JSON'),
    'publish events.ndjson',
    `publish <<< '{"type":"request","service":"checkout","at":"2026-11-21T03:00:00Z","latencyMs":42.5,"status":200}'`,
    'publish --stamp event --flush --data backfill last-week.ndjson',
  ).action(
    run(async (file: string | undefined, options: PublishOptions) => {
      const { publish } = await import('../commands/publish.ts')
      return publish(file, options, context)
    }),
  )
  examples(
    json(chosen(onLog(program.command('redrive'))))
      .argument('[record...]', 'TOPIC/PARTITION@OFFSET, as "rejected" lists them')
      .description('send refused events again, after what was wrong is mended')
      .option('--all', 'all that was refused')
      .option('--dry-run', 'say what would be sent'),
    'redrive --reason unknown_schema --dry-run',
    'redrive requests/0@17',
  ).action(
    run(async (records: readonly string[], options: RedriveOptions) => {
      const { redrive } = await import('../commands/redrive.ts')
      return redrive(records, options, context)
    }),
  )
  examples(
    json(onLog(program.command('accept-loss')))
      .argument('<topic>', 'requests, health-checks or facts')
      .argument('<partition>', 'which one of its partitions')
      .description('let the aggregator go on without records that the log no longer keeps')
      .option('--yes', 'without being asked')
      .option('--by <name>', 'who accepts it')
      .option('--note <text>', 'why'),
    'accept-loss requests 3',
    'accept-loss requests 3 --yes --by ada --note "retention was set too short"',
  ).action(
    run(async (topic: string, partition: string, options: AcceptLossOptions) => {
      const { acceptLoss } = await import('../commands/accept-loss.ts')
      return acceptLoss(topic, partition, options, context)
    }),
  )
}
