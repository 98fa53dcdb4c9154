import { emptyHistogram, encodeV2, record } from '@tidemark/histogram'
import { defaultLayout, type OperationCounts, type RequestCounts } from '@tidemark/model'
import { latencyUs, type Random } from '../harness/random.ts'

/** What a service sent in one window: as the aggregator tells it, and as plain latencies. */
export type Counts = RequestCounts & {
  readonly operations: readonly OperationCounts[]
  readonly latenciesUs: readonly number[]
}

/** A hundred service-windows or so, of 10 to 30 requests to three operations, one in two hundred of them failed. */
export const variantsOf = (random: Random): readonly Counts[] =>
  Array.from({ length: 97 }, () => {
    const latenciesUs = latenciesOf(random, 10 + Math.floor(random() * 21))
    const third = Math.ceil(latenciesUs.length / 3)
    const operations = ['GET /cart', 'POST /order', 'job:nightly'].map((operation, n) => ({
      ...countsOf(random, latenciesUs.slice(n * third, (n + 1) * third)),
      ...{ operation, overflow: false },
    }))
    const failed = operations.reduce((sum, counts) => sum + counts.failed, 0)
    return { ...countsOf(random, latenciesUs, failed), operations, latenciesUs }
  })

const latenciesOf = (random: Random, requests: number): readonly number[] =>
  Array.from({ length: requests }, () => 3 * latencyUs(random))

const failureShare = 0.005

const countsOf = (
  random: Random,
  latenciesUs: readonly number[],
  failed = latenciesUs.filter(() => random() < failureShare).length,
): RequestCounts => {
  const histogram = emptyHistogram(defaultLayout.histogram)
  for (const us of latenciesUs) record(histogram, us)
  const total = latenciesUs.length
  const statuses = [
    { status: 200, events: total - failed },
    { status: 500, events: failed },
  ].filter(({ events }) => events > 0)
  const { overRange, maxUs } = histogram
  return {
    ...{ total, failed, statuses, overRange, latencyUsMax: maxUs < 0 ? null : maxUs },
    histogram: encodeV2(histogram),
  }
}
