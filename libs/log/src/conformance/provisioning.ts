import { expect, it } from '@jest/globals'
import { inputTopics, partitionsOf, topicCatalogue, topicNames } from '@tidemark/model'
import { LayoutMismatchError, NotProvisionedError } from '../errors.ts'
import { textOf } from './records.ts'
import { partitions, provision, recordOf, type World } from './world.ts'

export const describeProvisioning = (world: World): void => {
  it('is of no use before, and says so', async () => {
    const { log } = await world.empty()
    expect(await log.layoutRecord()).toBeNull()
    await expect(log.bounds('requests')).rejects.toThrow(NotProvisionedError)
    await expect(log.publisher()).rejects.toThrow(NotProvisionedError)
  })

  it('happens once', async () => {
    const { log, open, prefix } = await world.empty()
    const layout = world.layout(prefix)
    expect(await provision(log, layout)).toBe('created')
    const second = await open()
    expect(await provision(second, layout)).toBe('unchanged')
    expect(await provision(log, layout)).toBe('unchanged')
    const [bounds] = await log.bounds('catalog')
    expect(bounds).toMatchObject({ startOffset: 0, endOffset: 1 })
    expect(textOf((await second.layoutRecord())!)).toBe(textOf(recordOf(layout).value))
  })

  it('refuses another layout and keeps the first', async () => {
    const { log, open, prefix } = await world.provisioned()
    const other = world.layout(prefix, { graceUs: 7_000_000 })
    await expect(provision(await open(), other)).rejects.toThrow(LayoutMismatchError)
    expect(textOf((await log.layoutRecord())!)).toBe(textOf(recordOf(world.layout(prefix)).value))
  })

  it('makes the topics of the catalogue, empty, under the prefix', async () => {
    const { log, prefix = '' } = await world.provisioned()
    const described = await log.describe()
    expect(described.map(({ topic }) => topic).sort()).toEqual([...topicNames].sort())
    for (const { topic, name, bounds, ...settings } of described) {
      const { cleanup, stamped, retentionMs } = topicCatalogue[topic]
      expect(name).toBe(prefix + topic)
      expect(settings).toEqual({
        partitions: partitionsOf(topic, partitions),
        timestamps: stamped === 'layout' ? 'broker' : 'producer',
        cleanup,
        retentionMs,
      })
      expect(bounds.map(({ partition }) => partition)).toEqual(
        Array.from({ length: settings.partitions }, (_, partition) => partition),
      )
      if (topic === 'catalog') continue
      for (const { startOffset, endOffset, lastTimestampMs } of bounds)
        expect({ startOffset, endOffset, lastTimestampMs }).toEqual({
          startOffset: 0,
          endOffset: 0,
          lastTimestampMs: null,
        })
    }
  })

  it('keeps inputs for ever where producers stamp them', async () => {
    const { log } = await world.provisioned({ timestamps: 'producer' })
    const described = new Map((await log.describe()).map((topic) => [topic.topic, topic]))
    for (const topic of inputTopics)
      expect(described.get(topic)).toMatchObject({ timestamps: 'producer', retentionMs: -1 })
  })
}
