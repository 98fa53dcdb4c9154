import type { ScoreOptions } from '../commands/score.ts'
import { examples, json, onStore, type Add } from './options.ts'

/** What says how good detection is. */
export const addScoring: Add = (program, context, run) => {
  examples(
    json(onStore(program.command('score')))
      .description('how well do alerts tell what was wrong? against a truth track, rule by rule')
      .option('--truth <file>', 'what was wrong, as NDJSON; for what was told on a log')
      .option('--scenario <file>', 'simulate this scenario in virtual time, and score that')
      .option('--seed <integer>', 'with --scenario: another seed than the one in the file')
      .option('--seeds <number>', 'with --scenario: so many runs, each with the next seed')
      .option(
        '--config <file>',
        'with --scenario: the rules of this file (default: the default ones)',
      )
      .option('--from <time>', 'with --truth: from this moment on (default: the begin of the log)')
      .option('--to <time>', 'with --truth: up to this moment (default: what is judged)')
      .option(
        '--slack <duration>',
        'so long after the end of a fault an alert may still be about it',
        '2m20s',
      )
      .option('--min-recall <ratio>', 'exit with 1 below: the share of faults that were told')
      .option('--min-precision <ratio>', 'exit with 1 below: the share of alerts that were true')
      .option('--max-time-to-detect <duration>', 'exit with 1 above, for the slowest detection')
      .option('--max-pages-per-day <number>', 'exit with 1 above'),
    'score --scenario examples/scenarios/down.yaml',
    'score --scenario examples/scenarios/error-burst.yaml --seeds 20 --min-recall 100% --max-time-to-detect 1m',
    'score --scenario examples/scenarios/latency-creep.yaml --config tidemark.yaml',
    'score --truth truth.ndjson --data simulated --json',
  ).action(
    run(async (options: ScoreOptions) => {
      const { score } = await import('../commands/score.ts')
      return score(options, context)
    }),
  )
}
