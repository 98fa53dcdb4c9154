import { Option, type Command } from 'commander'
import type { AnswerOptions } from '../commands/answer.ts'
import type { FocusCommandOptions } from '../commands/record-focus.ts'
import type { IncidentOptions, RecordOptions } from '../commands/record.ts'
import type { SilenceAddOptions, SilenceListOptions } from '../commands/silence.ts'
import type { JsonOptions } from '../context.ts'
import type { SayingOptions } from '../record/saying.ts'
import { examples, json, onLog, onStore, type Add } from './options.ts'

/** What answers and hides alerts, and records what is no traffic. */
export const addFacts: Add = (program, context, run) => {
  addAnswers(program, context, run)
  addSilences(program, context, run)
  addRecords(program, context, run)
}

const saying = (command: Command): Command =>
  command.option('--by <name>', 'who says it').option('--note <text>', 'why')

const addAnswers: Add = (program, context, run) => {
  examples(
    json(saying(onStore(program.command('ack'))))
      .argument('<alert...>', 'ids of alerts; their beginnings are enough')
      .description('answer alerts until they are resolved: nothing escalates any further'),
    'ack 6f1c2d3e --by ada --note "rolling back"',
  ).action(
    run(async (alerts: readonly string[], options: AnswerOptions) => {
      const { answer } = await import('../commands/answer.ts')
      return answer(alerts, options, context)
    }),
  )
  examples(
    json(saying(onStore(program.command('snooze'))))
      .argument('<alert...>', 'ids of alerts; their beginnings are enough')
      .requiredOption('--for <duration>', 'how long: then nobody has answered again')
      .description('answer alerts for a while'),
    'snooze 6f1c2d3e --for 1h --by ada --note "waiting for the provider"',
  ).action(
    run(async (alerts: readonly string[], options: AnswerOptions) => {
      const { answer } = await import('../commands/answer.ts')
      return answer(alerts, options, context)
    }),
  )
}

const addSilences: Add = (program, context, run) => {
  const silence = program
    .command('silence')
    .description('hide alerts that match for a while; they are recorded all the same')
  const matchers = 'as Alertmanager has them, on the labels of the alerts'
  examples(
    json(saying(onStore(silence.command('add'))))
      .argument('<matchers...>', matchers)
      .option('--for <duration>', 'how long')
      .option('--until <time>', 'or until when: ISO 8601 or epoch microseconds')
      .option('--from <time>', 'from when on (default: now)')
      .option('--maintenance', 'the services are under maintenance: their health is not judged')
      .option('--max-services <number>', 'ask for --yes where it would hide more', '10')
      .option('--yes', 'however many services it hides')
      .description('make a silence'),
    `silence add service=checkout 'severity!=page' --for 2h --by ada --note "moving the database"`,
    'silence add team=shop --maintenance --from 2026-11-21T22:00:00Z --until 2026-11-22T02:00:00Z',
  ).action(
    run(async (args: readonly string[], options: SilenceAddOptions) => {
      const { silenceAdd } = await import('../commands/silence.ts')
      return silenceAdd(args, options, context)
    }),
  )
  examples(
    json(saying(onStore(silence.command('expire'))))
      .argument('<id>', 'of a silence; the beginning is enough')
      .description('end a silence before its time'),
    'silence expire 6f1c2d3e --by ada',
  ).action(
    run(async (id: string, options: SayingOptions) => {
      const { silenceExpire } = await import('../commands/silence.ts')
      return silenceExpire(id, options, context)
    }),
  )
  examples(
    json(onStore(silence.command('list')))
      .option('--all', 'also those that are over')
      .description('silences that hold or will hold; those of the configuration stand there'),
    'silence list',
    'silence list --all --json',
  ).action(
    run(async (options: SilenceListOptions) => {
      const { silenceList } = await import('../commands/silence.ts')
      return silenceList(options, context)
    }),
  )
  examples(
    json(onStore(silence.command('preview')))
      .argument('<matchers...>', matchers)
      .description(
        'what a silence would hide: services, alerts that fire, alerts of the last 7 days',
      ),
    `silence preview 'service=~"check.*"'`,
  ).action(
    run(async (args: readonly string[], options: JsonOptions) => {
      const { silencePreviewCommand } = await import('../commands/silence.ts')
      return silencePreviewCommand(args, options, context)
    }),
  )
}

const recording = (command: Command): Command =>
  json(saying(onLog(command))).option('--dry-run', 'show what would be recorded')

const ofService = (command: Command): Command =>
  recording(command).requiredOption('--service <service>', 'which service')

type Fields = RecordOptions & Readonly<Record<string, string | undefined>>

const addRecords: Add = (program, context, run) => {
  const record = program
    .command('record')
    .description('record facts: never edited, a later one takes the place of an earlier one')
  const one =
    (type: string, names: readonly string[]) =>
    async (options: RecordOptions): Promise<0 | 1 | 2 | 3> => {
      const { recordOne } = await import('../commands/record.ts')
      const given = options as Fields
      const fields = Object.fromEntries(names.map((name) => [name, given[name]]))
      return recordOne(type, fields, options, context)
    }
  examples(
    recording(record.command('cost'))
      .option('--service <service>', 'which service')
      .option('--month <month>', 'calendar month in UTC, like 2026-11')
      .option('--amount <amount>', 'what it has cost in this month so far, like 1234.56')
      .option('--currency <code>', 'of ISO 4217, like EUR')
      .option(
        '--through <time>',
        'until when that is known (default: now, or the end of the month)',
      )
      .option('--csv <file>', 'costs of many services from a file in FOCUS columns; - for stdin')
      .addOption(
        new Option('--column <which>', 'with --csv: which of the costs')
          .choices(['billed', 'effective'])
          .default('billed'),
      )
      .option('--map <name=service...>', 'with --csv: which service a name there stands for')
      .option('--service-map <file>', 'the same from a JSON object')
      .option('--service-column <name>', 'with --csv: where the name stands', 'ServiceName')
      .option('--skip-bad', 'with --csv: record what the good rows sum up to')
      .description('what a service has cost in a month so far'),
    'record cost --service checkout --month 2026-11 --amount 1234.56 --currency EUR',
    'record cost --csv focus.csv --column effective --map "Amazon EC2=checkout"',
  ).action(
    run(async (options: RecordOptions & { readonly csv?: string }) => {
      if (options.csv === undefined)
        return one('cost', ['service', 'month', 'amount', 'currency', 'through'])(options)
      const { recordFocus } = await import('../commands/record-focus.ts')
      return recordFocus(options as FocusCommandOptions, context)
    }),
  )
  examples(
    ofService(record.command('deployment'))
      .requiredOption('--deployment <name>', 'what names it, a version for example')
      .requiredOption('--at <time>', 'when it was finished: ISO 8601 with Z or an offset')
      .description('a deployment that was finished'),
    'record deployment --service checkout --deployment v42 --at 2026-11-21T03:00:00Z',
  ).action(run(one('deployment', ['service', 'deployment', 'at'])))
  examples(
    ofService(record.command('incident'))
      .requiredOption('--incident <name>', 'what names it')
      .option('--opened <time>', 'when it began')
      .option('--closed <time>', 'when it ended')
      .option('--alert <id>', 'with --opened: the alert beside which it is not counted')
      .description('an incident that began, ended, or both'),
    'record incident --service checkout --incident INC-7 --opened 2026-11-21T03:00:00Z',
    'record incident --service checkout --incident INC-7 --closed 2026-11-21T03:40:00Z',
  ).action(
    run(async (options: IncidentOptions) => {
      const { recordIncident } = await import('../commands/record.ts')
      return recordIncident(options, context)
    }),
  )
  examples(
    ofService(record.command('evidence'))
      .requiredOption(
        '--check <check>',
        'runbook, monitoring, owner, documentation or incident_response',
      )
      .requiredOption('--result <result>', 'passed, failed or skipped')
      .option('--until <time>', 'until when it counts; a skipped check needs one, and a note')
      .description('what was found at a governance check'),
    'record evidence --service checkout --check runbook --result passed --by ada',
    'record evidence --service checkout --check owner --result skipped --until 2027-01-01T00:00:00Z --note "new team"',
  ).action(run(one('evidence', ['service', 'check', 'result', 'until'])))
  examples(
    ofService(record.command('correction'))
      .requiredOption('--slo <id>', 'which objective')
      .requiredOption('--at <time>', 'in which hour')
      .requiredOption('--valid <number>', 'events more, or with a minus fewer')
      .requiredOption('--bad <number>', 'bad events more, or with a minus fewer')
      .description('events to be added to an objective, or taken out'),
    'record correction --service checkout --slo availability --at 2026-11-21T03:00:00Z --valid=-40 --bad=-40 --note "a load test"',
  ).action(
    run(async (options: RecordOptions & { readonly valid: string; readonly bad: string }) => {
      const { recordCorrection } = await import('../commands/record.ts')
      return recordCorrection(options, context)
    }),
  )
  examples(
    recording(record.command('facts'))
      .argument('[file]', 'NDJSON file; standard input without one')
      .description('facts of all kinds, one JSON object a line')
      .addHelpText('after', keysOfFacts),
    'record facts facts.ndjson',
    `record facts <<< '{"type":"deployment","service":"checkout","deployment":"v42","at":"2026-11-21T03:00:00Z"}'`,
  ).action(
    run(async (file: string | undefined, options: RecordOptions) => {
      const { recordFacts } = await import('../commands/record.ts')
      return recordFacts(file, options, context)
    }),
  )
}

const keysOfFacts = `
Keys of a line (times are ISO 8601 with Z or an offset, or epoch microseconds; all take id, a UUID, by and note):
  cost             service, month (2026-11), amount, currency; through (default: now, or the end of the month)
  deployment       service, deployment, at
  incident-opened  service, incident, at; alert
  incident-closed  service, incident, at
  evidence         service, check, result (passed, failed, skipped); until, at
  correction       service, slo, at, valid, bad
  acknowledgement  service, alert; until, at`
