import { Option } from 'commander'
import type { OperationArguments } from '@tidemark/assembly'
import type { ReplayOptions } from '../commands/replay.ts'
import type { SimulateOptions } from '../commands/simulate.ts'
import type { SimulatorOptions } from '../commands/simulator.ts'
import type { StartOptions } from '../commands/start.ts'
import type { VerifyOptions } from '../commands/verify.ts'
import type { CommitOptions } from '../commit-interval.ts'
import { examples, json, onLog, onProcessors, onStore, operated, type Add } from './options.ts'

/** What runs the stream, live, simulated or again. */
export const addRunning: Add = (program, context, run) => {
  examples(
    operated(onProcessors(program.command('start')))
      .description(
        'run everything in one process: processors, simulated traffic, and what they say',
      )
      .option('--no-traffic', 'without simulated traffic')
      .option('--seed <integer>', 'seed of the simulated traffic (default: drawn from the time)')
      .option('--exit-when-caught-up', 'process all there is, write no ticks, exit')
      .option(
        '--config <file>',
        'the configuration that is to be in force; when the file changes, so does it',
      ),
    'start',
    'start --no-traffic --config tidemark.yaml',
    'start --no-traffic --data /var/lib/tidemark',
    'start --exit-when-caught-up --data audit',
    'start --brokers localhost:9092 --prefix dev.',
  ).action(
    run(async (options: StartOptions) => {
      const { start } = await import('../commands/start.ts')
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
        const { processor } = await import('../commands/processor.ts')
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
      const { simulator } = await import('../commands/simulator.ts')
      return simulator(options, context)
    }),
  )
  examples(
    onLog(program.command('simulate'))
      .description('simulate traffic in virtual time and print the platform report it leads to')
      .addOption(
        new Option('--scenario <name>', 'which traffic (default: capstone)').choices([
          'capstone',
          'live',
        ]),
      )
      .option('--scenario-file <file>', 'traffic and faults as a file says, YAML or JSON')
      .option(
        '--seed <integer>',
        'the same seed gives the same bytes (default: the one in the file, or 42)',
      )
      .option('--requests <integer>', 'requests and checks per service (default: 200)')
      .option('--minutes <integer>', 'length of the scenario live (default: 10)')
      .option('--out <file>', 'write the events as NDJSON instead; - for stdout')
      .option('--truth <file>', 'write the faults that were simulated as NDJSON')
      .option('--to-log', 'put the events on a producer-stamped log instead')
      .option('--json', 'print JSON'),
    'simulate --scenario capstone --seed 42 --requests 200',
    'simulate --seed 7 --out events.ndjson',
    'simulate --scenario-file examples/scenarios/down.yaml --out events.ndjson --truth truth.ndjson',
    'simulate --to-log --data simulated && tidemark start --exit-when-caught-up --data simulated',
  ).action(
    run(async (options: SimulateOptions) => {
      const { simulate } = await import('../commands/simulate.ts')
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
      const { replay } = await import('../commands/replay.ts')
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
        (value: string, before: readonly string[] | undefined) => [...(before ?? []), value],
      ),
    'verify',
    'verify --from 2026-11-21T03:00:00Z --to 2026-11-21T04:00:00Z --json',
    'verify --partition 0 --partition 2 --brokers localhost:9092',
  ).action(
    run(async (options: VerifyOptions) => {
      const { verify } = await import('../commands/verify.ts')
      return verify(options, context)
    }),
  )
}
