import { expect, it } from '@jest/globals'
import { openStore } from '../store.ts'
import { contentsOf, everything } from './contents.ts'
import type { StoreWorld } from './describe-store.ts'
import {
  acknowledged,
  advanced,
  applied,
  assessed,
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
  startUs,
} from './events.ts'

export const describeRoundTrips = (world: StoreWorld): void => {
  it('of every kind come back as they were, also after the database was opened again', async () => {
    const database = await world.database()
    const events = [
      requestWindow('checkout', 0),
      healthWindow('checkout', 0),
      advanced(5),
      assessed('checkout', 0),
      raised('checkout', 0),
      severityChanged('checkout', 1, 0),
      resolved('checkout', 2, 0),
      slice(1, 0),
      reported(0),
      marked('cart', 0, 0),
      acknowledged('cart', 1, 0),
      escalated('cart', 2, 0),
      applied(silence('quiet')),
    ] as const
    const store = await openStore(await database.open())
    await store.apply(events, [{ topic: 'aggregates', partition: 3, position: 9 as never }])
    const contents = await contentsOf(await openStore(await database.open()))
    expect(contents).toEqual({
      requestWindows: [events[0]],
      healthWindows: [events[1]],
      advances: [events[2]],
      assessments: [events[3]],
      alertEvents: [...events.slice(4, 7), ...events.slice(9, 12)],
      firing: [events[9], events[10], events[11]],
      newestSlices: [{ partition: 1, windowEndUs: events[7].windowEndUs }],
      slices: [events[7]],
      reports: [events[8]],
      sloHours: [],
      statusChanges: [],
      latencyHours: [{ service: 'service-0', hourStartUs: startUs, p99UsMax: 501 }],
      facts: [events[12]],
      positions: [{ topic: 'aggregates', partition: 3, position: 9 }],
    })
    // Windows come from columns: their fields have the order that canonical forms depend on, and histograms are plain bytes.
    const [window] = contents.requestWindows
    expect(Buffer.from(window!.histogram)).toEqual(Buffer.from(events[0].histogram))
    expect(window!.operations.map(({ operation }) => operation)).toEqual(
      events[0].operations.map(({ operation }) => operation),
    )
  })

  it('of an overflow and of a service named like it do not mix', async () => {
    const store = await world.store()
    const service = requestWindow('overflow', 0, { operations: [] })
    const overflow = requestWindow('overflow', 0, { overflow: true, total: 2 })
    const elsewhere = requestWindow('overflow', 0, {
      overflow: true,
      cause: { ...overflow.cause, partition: 2 },
    })
    await store.apply([elsewhere, overflow, service], [])
    expect(await store.requestWindows(everything)).toEqual([service, overflow, elsewhere])
  })

  it('of windows without requests, operations or checks come back empty', async () => {
    const store = await world.store()
    const requests = requestWindow('idle', 0, {
      ...{ total: 0, failed: 0, statuses: [], latencyUsMax: null, operations: [] },
      histogram: new Uint8Array(0),
    })
    const checks = healthWindow('idle', 0, { passed: 0, failed: 0, checks: [] })
    await store.apply([requests, checks], [])
    expect(await store.requestWindows(everything)).toEqual([requests])
    expect(await store.healthWindows(everything)).toEqual([checks])
  })
}
