import { aggregator } from '@tidemark/aggregator'
import type { App } from '@tidemark/assembly'
import { evaluator } from '@tidemark/evaluator'
import type { Layout, Processor } from '@tidemark/model'
import { reporter } from '@tidemark/reporter'

/** From inputs to platform reports, upstream first, without a log to stand on: these three need none. */
export const processorsOf = (layout: Layout): Promise<readonly Processor[]> =>
  Promise.all([aggregator, evaluator, reporter].map((app) => processorOf(app, layout)))

const processorOf = async (app: App, layout: Layout): Promise<Processor> => {
  const { processor } = await app.open({ layout, store: '' })
  return processor
}
