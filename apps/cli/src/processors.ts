import { aggregator } from '@tidemark/aggregator'
import type { App } from '@tidemark/assembly'
import { evaluator } from '@tidemark/evaluator'
import type { Layout, Processor } from '@tidemark/model'
import { reporter } from '@tidemark/reporter'

/** What leads from inputs to alerts, upstream first; without a log, since none of these needs one to make its folds. */
export const alertProcessors = (layout: Layout): Promise<readonly Processor[]> =>
  processorsOf([aggregator, evaluator], layout)

/** The same to platform reports. */
export const reportProcessors = (layout: Layout): Promise<readonly Processor[]> =>
  processorsOf([aggregator, evaluator, reporter], layout)

const processorsOf = (apps: readonly App[], layout: Layout): Promise<readonly Processor[]> =>
  Promise.all(
    apps.map(async (app) => {
      const { processor } = await app.open({ layout, store: '' })
      return processor
    }),
  )
