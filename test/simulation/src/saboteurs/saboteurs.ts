import { ofAggregator } from './of-aggregator.ts'
import { ofClient } from './of-client.ts'
import { ofEvaluator } from './of-evaluator.ts'
import { ofFacts } from './of-facts.ts'
import { ofSink } from './of-sink.ts'
import type { Saboteur } from './saboteur.ts'

export const saboteurs: readonly Saboteur[] = [
  ...ofClient,
  ...ofAggregator,
  ...ofEvaluator,
  ...ofFacts,
  ...ofSink,
]
