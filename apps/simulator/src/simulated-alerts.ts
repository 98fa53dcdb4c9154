import { derivedReader, runInMemory } from '@tidemark/assembly'
import type { AlertEvent, Layout, Processor } from '@tidemark/model'
import type { Traffic } from '@tidemark/traffic'
import { virtualEntries } from './virtual-entries.ts'

/** Every alert event that traffic with an end leads to, by the real processors in virtual time; partition by partition, in their order. */
export const simulatedAlerts = async (
  traffic: Traffic,
  { layout, processors }: { readonly layout: Layout; readonly processors: readonly Processor[] },
): Promise<readonly AlertEvent[]> => {
  const inputs = virtualEntries(traffic, layout)
  const topics = await runInMemory({ layout, processors, inputs })
  const events: AlertEvent[] = []
  for (let partition = 0; partition < layout.partitions; partition++) {
    const count = topics.records('alerts', partition).length
    if (count === 0) continue
    const reader = derivedReader()
    reader.open(topics.read('alerts', partition, 0, count))
    for (let record = reader.next(); record !== null; record = reader.next())
      events.push(record.event as AlertEvent)
  }
  return events
}
