import { expect, it } from '@jest/globals'
import type { Offset, TopicName } from '@tidemark/model'
import fc from 'fast-check'
import type { SnapshotEvent } from '../rows.ts'
import { openStore, type StoredPosition } from '../store.ts'
import { contentsOf } from './contents.ts'
import type { StoreWorld } from './describe-store.ts'
import {
  acknowledged,
  advanced,
  answer,
  applied,
  assessed,
  deployment,
  endOf,
  escalated,
  healthWindow,
  marked,
  raised,
  reported,
  requestWindow,
  resolved,
  severityChanged,
  silence,
  slice,
  tellingSlice,
} from './events.ts'

const windows = [0, 1, 2, 3]
const services = ['checkout', 'cart', 'Zoo', 'a/b']

const allEvents: readonly SnapshotEvent[] = windows.flatMap((window) => [
  ...services.flatMap((service) => [
    requestWindow(service, window),
    healthWindow(service, window),
    assessed(service, window, { status: window % 2 === 0 ? 'healthy' : 'down' }),
  ]),
  advanced(window),
  advanced(window * 10, { topic: 'facts', partition: 0 }),
  slice(0, window, 0, 2),
  slice(0, window, 1, 2),
  slice(1, window),
  reported(window),
  raised(`short-${window}`, window),
  resolved(`short-${window}`, window + 1, window),
])
const longAlert = [
  ...[raised('long', 0), severityChanged('long', 1, 0), marked('long', 2, 0)],
  ...[escalated('long', 3, 0), acknowledged('long', 4, 0)],
]
// An hour and ten seconds: the last of them lies in the next one, and where it begins a status holds.
const history = [10, 11, 200, 358, 359, 360].map((window) =>
  tellingSlice(window, {
    status: window > 100 ? 'down' : 'degraded',
    sinceUs: endOf(window > 100 ? 200 : 10),
  }),
)
const facts = [
  ...[0, 1, 2].map((partition) => applied(silence('quiet'), 5 + partition, partition)),
  ...[applied(deployment('checkout'), 6), applied(answer('long'), 7)],
]
const events = [...allEvents, ...longAlert, ...history, ...facts]

const position = (topic: TopicName, partition: number, at: number): StoredPosition => ({
  ...{ topic, partition },
  position: at as Offset,
})

export const describeConverging = (world: StoreWorld): void => {
  it('are the same for any order of the events, with any repeats, in any transactions (I9)', async () => {
    const store = await world.store()
    await store.apply(events, [])
    const expected = await contentsOf(store)
    const anyOrder = fc.record({
      shuffled: fc.shuffledSubarray([...events, ...events.slice(0, 40)], {
        minLength: events.length + 40,
      }),
      piece: fc.integer({ min: 1, max: 60 }),
    })
    await fc.assert(
      fc.asyncProperty(anyOrder, async ({ shuffled, piece }) => {
        const other = await world.store()
        for (let from = 0; from < shuffled.length; from += piece)
          await other.apply(shuffled.slice(from, from + piece), [])
        expect(await contentsOf(other)).toEqual(expected)
      }),
      { numRuns: 8 },
    )
  })

  it('are not replaced by older ones', async () => {
    const store = await world.store()
    const newer = [
      assessed('checkout', 3, { status: 'down' }),
      advanced(30, { clockMs: 3000 }),
      raised('checkout', 0),
      resolved('checkout', 3, 0),
    ]
    await store.apply(newer, [])
    const before = await contentsOf(store)
    await store.apply(
      [assessed('checkout', 2, { status: 'healthy' }), advanced(29, { clockMs: 2000 })],
      [],
    )
    expect(await contentsOf(store)).toEqual(before)
    // An older event of an alert joins its history; the alert stays as it is.
    await store.apply([severityChanged('checkout', 1, 0)], [])
    const { alertEvents, firing } = await contentsOf(store)
    expect(alertEvents.map(({ type }) => type)).toEqual([
      'AlertRaised',
      'AlertSeverityChanged',
      'AlertResolved',
    ])
    expect(firing).toEqual([])
  })

  it('hold positions that never move back, each by itself', async () => {
    const store = await world.store()
    await store.apply([], [position('aggregates', 0, 7), position('alerts', 0, 9)])
    await store.apply([], [position('aggregates', 0, 5), position('alerts', 0, 10)])
    await store.apply([], [position('aggregates', 1, 0)])
    expect(await store.positions()).toEqual([
      position('aggregates', 0, 7),
      position('aggregates', 1, 0),
      position('alerts', 0, 10),
    ])
  })

  it('are the same whether one process writes them or two at once', async () => {
    const database = await world.database()
    const expected = await world.store()
    await expected.apply(events, [position('aggregates', 0, 80)])
    const stores = [await openStore(await database.open()), await openStore(await database.open())]
    for (let from = 0; from < events.length; from += 10)
      await Promise.all(
        stores.map((store, i) =>
          store.apply(events.slice(from, from + 10 + 3 * i), [
            position('aggregates', 0, Math.min(80, from + 10 * i)),
          ]),
        ),
      )
    await stores[0]!.apply([], [position('aggregates', 0, 80)])
    expect(await contentsOf(stores[1]!)).toEqual(await contentsOf(expected))
  })
}
