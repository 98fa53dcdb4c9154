import { aggregator } from '@tidemark/aggregator'
import type { App } from '@tidemark/assembly'
import { catalogOf, type ConfigurationCatalog } from '@tidemark/evaluation'
import { evaluator } from '@tidemark/evaluator'
import type { Layout, Processor } from '@tidemark/model'
import { reporter } from '@tidemark/reporter'

/** From inputs to platform reports, upstream first, without a log to stand on: these three need none. */
export const processorsOf = (
  layout: Layout,
  catalog = catalogOf([]),
): Promise<readonly Processor[]> =>
  Promise.all([aggregator, evaluator, reporter].map((app) => processorOf(app, layout, catalog)))

const processorOf = async (
  app: App,
  layout: Layout,
  catalog: ConfigurationCatalog,
): Promise<Processor> => {
  const { processor } = await app.open({ layout, store: '', catalog })
  return processor
}
