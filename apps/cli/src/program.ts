import { Command, Option } from 'commander'
import type { OperationArguments } from '@tidemark/assembly'
import type { AcceptLossOptions } from './commands/accept-loss.ts'
import type { AlertsOptions } from './commands/alerts.ts'
import type { ProvisionOptions } from './commands/topics.ts'
import type { PublishOptions } from './commands/publish.ts'
import type { RedriveOptions } from './commands/redrive.ts'
import type { RejectedOptions } from './commands/rejected.ts'
import type { ReplayOptions } from './commands/replay.ts'
import type { ReportOptions } from './commands/report.ts'
import type { SimulateOptions } from './commands/simulate.ts'
import type { SimulatorOptions } from './commands/simulator.ts'
import type { StartOptions } from './commands/start.ts'
import type { StoreMigrateOptions } from './commands/store-migrate.ts'
import type { TailOptions } from './commands/tail.ts'
import type { VerifyOptions } from './commands/verify.ts'
import type { WindowsOptions } from './commands/windows.ts'
import type { CommitOptions } from './commit-interval.ts'
import type { CommandContext, ExitCode, JsonOptions } from './context.ts'
import { limitsHelp } from './limit-options.ts'

// Commands are loaded when they run: `--help` should not wait for SQLite, Avro and Kafka.

/** The command line; `done` gets the exit code of the command that ran. */
export const programOf = (context: CommandContext, done: (code: ExitCode) => void): Command => {
  const program = new Command('tidemark')
    .description('Service health you can replay.')
    .showHelpAfterError('(add --help for what is allowed)')
    .configureOutput({
      writeOut: (text) => {
        context.terminal.out(text.trimEnd())
      },
      writeErr: (text) => {
        context.terminal.err(text.trimEnd())
      },
    })
  const run =
    <Args extends readonly unknown[]>(work: (...args: Args) => Promise<ExitCode>) =>
    async (...args: Args): Promise<void> => {
      done(await work(...args))
    }
  addRunning(program, context, run)
  addPublishing(program, context, run)
  addReading(program, context, run)
  addTopics(program, context, run)
  addStore(program, context, run)
  return program
}

type Run = <Args extends readonly unknown[]>(
  work: (...args: Args) => Promise<ExitCode>,
) => (...args: Args) => Promise<void>
type Add = (program: Command, context: CommandContext, run: Run) => void

/** Options that say which log, on every command that needs one. */
const onLog = (command: Command): Command =>
  command
    .option('--data <folder>', 'the log in this folder (default ".tidemark")')
    .option('--brokers <list>', 'Kafka brokers instead of a folder, HOST:PORT,...')
    .option('--prefix <text>', 'prefix of the topics on Kafka')

/** The same for commands that read or write snapshots. */
const onStore = (command: Command): Command =>
  onLog(command).option(
    '--store <where>',
    'the snapshots: a file, or postgres://USER@HOST:PORT/DATABASE (default "store.sqlite" in the data folder)',
  )

/** The same for commands that process. */
const onProcessors = (command: Command): Command =>
  onStore(command)
    .option('--delivery <how>', 'on Kafka: exactly-once (default) or at-least-once')
    .option(
      '--commit-interval <duration>',
      'longest time between two commits while something changes (default: 200ms)',
    )

/** How a command that runs for long shows itself to those who operate it. */
const operated = (command: Command): Command =>
  command
    .option('--http <address>', 'answer /health, /ready and /metrics on PORT or HOST:PORT')
    .option('--log <format>', 'json or text, on stderr (default: text on a terminal, else json)')
    .option('--log-level <level>', 'debug, info, warn or error')
    .option(
      '--watchdog <duration>',
      'end with 3 when there is something to do and nothing was finished for this long (default: 60s)',
    )

const json = (command: Command): Command =>
  command.option('--json', 'print JSON, one object a line')

const examples = (command: Command, ...lines: readonly string[]): Command =>
  command.addHelpText(
    'after',
    `\nExamples:\n${lines.map((line) => `  $ tidemark ${line}`).join('\n')}`,
  )

const addRunning: Add = (program, context, run) => {
  examples(
    operated(onProcessors(program.command('start')))
      .description(
        'run everything in one process: processors, simulated traffic, and what they say',
      )
      .option('--no-traffic', 'without simulated traffic')
      .option('--seed <integer>', 'seed of the simulated traffic (default: drawn from the time)')
      .option('--exit-when-caught-up', 'process all there is, write no ticks, exit'),
    'start',
    'start --no-traffic --data /var/lib/tidemark',
    'start --exit-when-caught-up --data audit',
    'start --brokers localhost:9092 --prefix dev.',
  ).action(
    run(async (options: StartOptions) => {
      const { start } = await import('./commands/start.ts')
      return start(options, context)
    }),
  )
  const processors = {
    aggregator: 'fold requests and health checks into windows',
    evaluator: 'judge windows: health, alerts',
    reporter: 'write platform reports',
    sink: 'write snapshots',
  } as const
  for (const name of Object.keys(processors) as (keyof typeof processors)[])
    examples(
      operated(onProcessors(program.command(name))).description(
        `run one processor alone: ${processors[name]}`,
      ),
      `${name} --data .tidemark`,
      `${name} --brokers localhost:9092 --http 9100`,
    ).action(
      run(async (options: CommitOptions & OperationArguments) => {
        const { processor } = await import('./commands/processor.ts')
        return processor(name, options, context)
      }),
    )
  examples(
    operated(onLog(program.command('simulator')))
      .description('put simulated live traffic on the log until stopped')
      .option('--seed <integer>', 'seed of the traffic (default: drawn from the time)'),
    'simulator --data .tidemark --seed 7',
  ).action(
    run(async (options: SimulatorOptions) => {
      const { simulator } = await import('./commands/simulator.ts')
      return simulator(options, context)
    }),
  )
  examples(
    onLog(program.command('simulate'))
      .description('simulate traffic in virtual time and print the platform report it leads to')
      .addOption(
        new Option('--scenario <name>', 'which traffic')
          .choices(['capstone', 'live'])
          .default('capstone'),
      )
      .option('--seed <integer>', 'seed; the same seed gives the same bytes', '42')
      .option('--requests <integer>', 'requests and checks per service', '200')
      .option('--minutes <integer>', 'length of the scenario live', '10')
      .option('--out <file>', 'write the events as NDJSON instead; - for stdout')
      .option('--truth <file>', 'write the faults that were simulated as NDJSON')
      .option('--to-log', 'put the events on a producer-stamped log instead')
      .option('--json', 'print JSON'),
    'simulate --scenario capstone --seed 42 --requests 200',
    'simulate --seed 7 --out events.ndjson',
    'simulate --to-log --data simulated && tidemark start --exit-when-caught-up --data simulated',
  ).action(
    run(async (options: SimulateOptions) => {
      const { simulate } = await import('./commands/simulate.ts')
      return simulate(options, context)
    }),
  )
  examples(
    json(onStore(program.command('replay')))
      .description(
        'copy the inputs into an empty folder, process them again, and compare what came out',
      )
      .requiredOption('--into <folder>', 'folder to replay into; must not exist or be empty'),
    'replay --into replayed',
    'replay --brokers localhost:9092 --into audit-2026-11',
  ).action(
    run(async (options: ReplayOptions) => {
      const { replay } = await import('./commands/replay.ts')
      return replay(options, context)
    }),
  )
  examples(
    json(onLog(program.command('verify')))
      .description(
        'process the inputs again, writing nothing, and compare with what was emitted, byte for byte',
      )
      .option('--from <time>', 'windows that end after this moment: ISO 8601 or epoch microseconds')
      .option('--to <time>', 'windows that end at or before this moment')
      .option(
        '--partition <number>',
        'only this partition; may be given several times',
        (value: string, before: readonly string[] = []) => [...before, value],
      ),
    'verify',
    'verify --from 2026-11-21T03:00:00Z --to 2026-11-21T04:00:00Z --json',
    'verify --partition 0 --partition 2 --brokers localhost:9092',
  ).action(
    run(async (options: VerifyOptions) => {
      const { verify } = await import('./commands/verify.ts')
      return verify(options, context)
    }),
  )
}

const addPublishing: Add = (program, context, run) => {
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
      const { publish } = await import('./commands/publish.ts')
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
      const { redrive } = await import('./commands/redrive.ts')
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
      const { acceptLoss } = await import('./commands/accept-loss.ts')
      return acceptLoss(topic, partition, options, context)
    }),
  )
}

/** Options that choose refused records. */
const chosen = (command: Command): Command =>
  command
    .option('--reason <reason>', 'only those refused for this reason')
    .option('--topic <topic>', 'only those of this input topic')
    .option('--from <time>', 'only records stamped at or after this moment')
    .option('--to <time>', 'only records stamped before this moment')

const addReading: Add = (program, context, run) => {
  examples(
    json(onStore(program.command('report')))
      .description('how is the platform doing?')
      .option('--at <time>', 'at this moment: ISO 8601 or epoch microseconds'),
    'report',
    'report --at 2026-11-21T03:00:00Z --json',
  ).action(
    run(async (options: ReportOptions) => {
      const { report } = await import('./commands/report.ts')
      return report(options, context)
    }),
  )
  examples(
    json(onStore(program.command('alerts')))
      .description('alerts, newest last')
      .option('--follow', 'go on with what comes')
      .option('--firing', 'only those that fire'),
    'alerts --firing',
    'alerts --follow --json',
  ).action(
    run(async (options: AlertsOptions) => {
      const { alerts } = await import('./commands/alerts.ts')
      return alerts(options, context)
    }),
  )
  examples(
    json(onStore(program.command('services'))).description('the latest judgement of each service'),
    'services',
  ).action(
    run(async (options: JsonOptions) => {
      const { services } = await import('./commands/services.ts')
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
      const { windows } = await import('./commands/windows.ts')
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
      const { ledger } = await import('./commands/ledger.ts')
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
      const { lag } = await import('./commands/lag.ts')
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
      const { rejected } = await import('./commands/rejected.ts')
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
      const { tail } = await import('./commands/tail.ts')
      return tail(topic, options, context)
    }),
  )
}

const addTopics: Add = (program, context, run) => {
  const topics = program.command('topics').description('create and look at the topics')
  examples(
    json(onLog(topics.command('provision')))
      .description('create the topics and fix the layout')
      .option('--partitions <number>', 'partitions of each topic, 1 to 1024 (default 4)')
      .option(
        '--timestamps <who>',
        'broker, or producer for virtual time and backfill (default broker)',
      )
      .option('--window <duration>', 'window size; divides one minute (default 10s)')
      .option('--grace <duration>', 'how long after its end a window takes events (default 5s)')
      .option('--register <services>', 'services whose silence is an absence: NAME[:TEAM],...')
      .option('--limit <name=value...>', 'a bound of the layout, may be repeated; see below')
      .addHelpText('after', limitsHelp()),
    'topics provision --brokers localhost:9092 --partitions 8',
    'topics provision --data backfill --timestamps producer',
    'topics provision --data small --limit services-per-window=500 --limit rejected-bytes=256',
  ).action(
    run(async (options: ProvisionOptions) => {
      const { topicsProvision } = await import('./commands/topics.ts')
      return topicsProvision(options, context)
    }),
  )
  examples(
    json(onLog(topics.command('describe'))).description('the layout and each topic'),
    'topics describe',
  ).action(
    run(async (options: JsonOptions) => {
      const { topicsDescribe } = await import('./commands/topics.ts')
      return topicsDescribe(options, context)
    }),
  )
}

const addStore: Add = (program, context, run) => {
  const store = program.command('store').description('make the tables of the snapshot store')
  examples(
    json(onStore(store.command('migrate')))
      .description(
        'make the tables or bring them up to date, as a role that owns them; the sink then needs no right to',
      )
      .option('--writer <role>', 'let this role of PostgreSQL write and read rows: for the sink')
      .option('--reader <role>', 'let this role of PostgreSQL read rows: for those who ask')
      .option('--dry-run', 'print the SQL instead'),
    'store migrate --store postgres://owner@db/tidemark --writer sink --reader console',
    'store migrate --store postgres://owner@db/tidemark --dry-run',
  ).action(
    run(async (options: StoreMigrateOptions) => {
      const { storeMigrate } = await import('./commands/store-migrate.ts')
      return storeMigrate(options, context)
    }),
  )
}
