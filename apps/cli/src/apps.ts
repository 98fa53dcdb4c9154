import { aggregator } from '@tidemark/aggregator'
import type { App } from '@tidemark/assembly'
import { evaluator } from '@tidemark/evaluator'
import { reporter } from '@tidemark/reporter'
import { sink } from '@tidemark/sink'

/** All processors in the order of the flow: each one's outputs are the next one's inputs. */
export const apps: readonly App[] = [aggregator, evaluator, reporter, sink]
