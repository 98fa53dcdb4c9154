import type { ProvisionOptions } from '../commands/topics.ts'
import type { JsonOptions } from '../context.ts'
import { limitsHelp } from '../limit-options.ts'
import { examples, json, onLog, type Add } from './options.ts'

/** What makes topics and looks at them. */
export const addTopics: Add = (program, context, run) => {
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
      .option('--config <file>', 'the configuration from the beginning, as tidemark.yaml')
      .option('--register <services>', 'services whose silence is an absence: NAME[:TEAM],...')
      .option('--limit <name=value...>', 'a bound of the layout, may be repeated; see below')
      .addHelpText('after', limitsHelp()),
    'topics provision --brokers localhost:9092 --partitions 8',
    'topics provision --brokers localhost:9092 --config tidemark.yaml',
    'topics provision --data backfill --timestamps producer',
    'topics provision --data small --limit services-per-window=500 --limit rejected-bytes=256',
  ).action(
    run(async (options: ProvisionOptions) => {
      const { topicsProvision } = await import('../commands/topics.ts')
      return topicsProvision(options, context)
    }),
  )
  examples(
    json(onLog(topics.command('describe'))).description('the layout and each topic'),
    'topics describe',
  ).action(
    run(async (options: JsonOptions) => {
      const { topicsDescribe } = await import('../commands/topics.ts')
      return topicsDescribe(options, context)
    }),
  )
}
