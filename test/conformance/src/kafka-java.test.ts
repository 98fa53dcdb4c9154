import { afterEach, expect, it } from '@jest/globals'
import { consoleConsumer } from '@tidemark/broker'
import { describeWithBroker, describeWithJava } from '@tidemark/broker/jest'
import type { Offset } from '@tidemark/model'
import { openWorld, readAll } from './kafka-world.ts'

describeWithJava("Kafka's own consumer", () => {
  describeWithBroker('beside ours', readsTheSame)
})

function readsTheSame(brokers: () => readonly string[]): void {
  const world = openWorld(brokers)
  afterEach(() => world.close(), 20_000)

  it('reads what a publisher and a task wrote, as we do', async () => {
    const { log, prefix } = await world.provisioned()
    const publisher = await log.publisher()
    for (let from = 0; from < 300; from += 100)
      await publisher.append(
        'requests',
        0,
        Array.from({ length: 100 }, (_, i) => ({
          key: i % 10 === 0 ? null : Buffer.from(`key ${i}`),
          value: Buffer.from(`value ${from + i}`),
        })),
      )
    const stop = new AbortController()
    await log.host(
      { processor: 'p', topics: ['requests'], tasks: 2 },
      async (session) => {
        if (session.task !== 1) return
        const outputs = Array.from({ length: 50 }, (_, i) => ({
          topic: 'alerts' as const,
          partition: 1,
          key: Buffer.from(`service ${i}`),
          value: Buffer.from(`alert ${i}`),
        }))
        const position = {
          topic: 'requests' as const,
          partition: 1,
          position: 0 as Offset,
          from: 0 as Offset,
        }
        await session.commit({ outputs, checkpoint: new Map(), positions: [position] })
        stop.abort()
      },
      stop.signal,
    )
    for (const [topic, partition, kind] of [
      ['requests', 0, 'LogAppendTime'],
      ['alerts', 1, 'CreateTime'],
    ] as const) {
      const ours = await readAll(log, topic, partition)
      expect(ours).toHaveLength(topic === 'alerts' ? 50 : 300)
      const theirs = await consoleConsumer(brokers(), prefix + topic, ours.length)
      expect(theirs).toEqual(
        ours.map(
          ({ timestampMs, offset, key, value }) =>
            `${kind}:${timestampMs}\tPartition:${partition}\tOffset:${offset}\t${key ?? 'null'}\t${value}`,
        ),
      )
    }
  })
}
