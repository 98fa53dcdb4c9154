import { afterEach, expect, it } from '@jest/globals'
import { describeWithBroker } from '@tidemark/broker/jest'
import { LayoutMismatchError, NotProvisionedError, UnavailableError } from '@tidemark/log'
import { defaultLayout, topicNames } from '@tidemark/model'
import kafkajs from 'kafkajs'
import { layoutRecord, newPrefix, openWorld, plainClient } from './kafka-world.ts'

describeWithBroker('provisioning Kafka topics', (brokers) => {
  const world = openWorld(brokers)
  afterEach(() => world.close(), 20_000)

  const configOf = async (names: readonly string[]) => {
    const admin = plainClient(brokers()).admin()
    await admin.connect()
    const { resources } = await admin.describeConfigs({
      includeSynonyms: false,
      resources: names.map((name) => ({ type: kafkajs.ConfigResourceTypes.TOPIC, name })),
    })
    await admin.disconnect()
    return resources.map(({ configEntries }) =>
      Object.fromEntries(
        configEntries.map(({ configName, configValue }) => [configName, configValue]),
      ),
    )
  }

  it('lets brokers stamp inputs, and keeps them uncompressed', async () => {
    const { prefix } = await world.provisioned()
    const [requests, aggregates, checkpoints] = await configOf(
      ['requests', 'aggregates', 'checkpoints'].map((topic) => prefix + topic),
    )
    expect(requests).toMatchObject({
      'cleanup.policy': 'delete',
      'compression.type': 'uncompressed',
      'message.timestamp.type': 'LogAppendTime',
      'retention.ms': '604800000',
    })
    expect(aggregates).toMatchObject({
      'message.timestamp.type': 'CreateTime',
      'retention.ms': '2592000000',
    })
    expect(checkpoints).toMatchObject({ 'cleanup.policy': 'compact' })
  })

  it('keeps what producers stamp for ever, whatever the stamp', async () => {
    const { log, prefix } = await world.provisioned({ timestamps: 'producer' })
    const [requests] = await configOf([`${prefix}requests`])
    expect(requests).toMatchObject({
      'message.timestamp.type': 'CreateTime',
      'message.timestamp.before.max.ms': '9223372036854775807',
      'message.timestamp.after.max.ms': '9223372036854775807',
      'retention.ms': '-1',
    })
    const described = await log.describe()
    expect(described.map(({ topic }) => topic)).toEqual(topicNames)
  })

  it('is won by one of several that provision at once', async () => {
    const prefix = newPrefix()
    const layouts = [1, 2, 2, 1].map((graceUs) => ({
      ...defaultLayout,
      prefix,
      partitions: 1,
      graceUs,
    }))
    const outcomes = await Promise.allSettled(
      layouts.map(async (layout) =>
        (await world.open(prefix)).provision(layout, layoutRecord(layout)),
      ),
    )
    const log = await world.open(prefix)
    const winner = JSON.parse(Buffer.from((await log.layoutRecord())!).toString()) as {
      graceUs: number
    }
    for (const [i, outcome] of outcomes.entries())
      if (layouts[i]!.graceUs === winner.graceUs) expect(outcome.status).toBe('fulfilled')
      else expect(outcome).toMatchObject({ reason: expect.any(LayoutMismatchError) })
  })

  it('names every difference of topics that exist already', async () => {
    const prefix = newPrefix()
    const admin = plainClient(brokers()).admin()
    await admin.connect()
    await admin.createTopics({
      topics: [
        { topic: `${prefix}requests`, numPartitions: 3, replicationFactor: 1 },
        { topic: `${prefix}alerts`, numPartitions: 2, replicationFactor: 1 },
      ],
    })
    await admin.disconnect()
    const layout = { ...defaultLayout, prefix, partitions: 2 }
    const log = await world.open(prefix)
    const provisioning = log.provision(layout, layoutRecord(layout))
    await expect(provisioning).rejects.toThrow(LayoutMismatchError)
    for (const part of [
      `${prefix}requests: 3 partitions, not 2`,
      `${prefix}requests: message.timestamp.type is CreateTime, not LogAppendTime`,
      `${prefix}alerts: retention.ms is 604800000, not -1`,
    ])
      await expect(provisioning).rejects.toThrow(part)
  })

  it.each([
    ['compression.type', 'lz4', 'uncompressed'],
    ['cleanup.policy', 'compact', 'delete'],
    ['message.timestamp.type', 'CreateTime', 'LogAppendTime'],
    ['max.message.bytes', '1048588', '2097152'],
    ['retention.ms', '3600000', '604800000'],
  ])('is missed by whoever starts where %s was changed', async (setting, value, provisioned) => {
    const { log, prefix, layout } = await world.provisioned()
    await expect(log.check(layout)).resolves.toBeUndefined()
    const name = `${prefix}requests`
    const [before] = await configOf([name])
    const kept = ['compression.type', 'cleanup.policy', 'message.timestamp.type']
    const admin = plainClient(brokers()).admin()
    await admin.connect()
    await admin.alterConfigs({
      validateOnly: false,
      resources: [
        {
          type: kafkajs.ConfigResourceTypes.TOPIC,
          name,
          // What is not named goes back to the broker's default.
          configEntries: [...kept, 'max.message.bytes', 'retention.ms'].map((key) => ({
            name: key,
            value: key === setting ? value : before![key]!,
          })),
        },
      ],
    })
    await admin.disconnect()
    const checking = log.check(layout)
    await expect(checking).rejects.toThrow(NotProvisionedError)
    await expect(checking).rejects.toThrow(`${name}: ${setting} is ${value}, not ${provisioned}`)
  })

  it('is missed by whoever starts where a topic is gone, or has more partitions', async () => {
    const { log, prefix, layout } = await world.provisioned()
    const admin = plainClient(brokers()).admin()
    await admin.connect()
    const topicPartitions = [{ topic: `${prefix}alerts`, count: 3 }]
    await admin.createPartitions({ topicPartitions })
    const checking = log.check(layout)
    await expect(checking).rejects.toThrow(LayoutMismatchError)
    await expect(checking).rejects.toThrow(`${prefix}alerts: 3 partitions, not 2`)
    await admin.deleteTopics({ topics: [`${prefix}fleet`] })
    await admin.disconnect()
    const checkingAgain = log.check(layout)
    await expect(checkingAgain).rejects.toThrow(NotProvisionedError)
    await expect(checkingAgain).rejects.toThrow(`topics do not exist: ${prefix}fleet;`)
  })

  it('is asked for by whoever uses topics that do not exist', async () => {
    const log = await world.open(newPrefix())
    expect(await log.layoutRecord()).toBeNull()
    await expect(log.publisher()).rejects.toThrow(NotProvisionedError)
    await expect(log.describe()).rejects.toThrow(NotProvisionedError)
    await expect(log.bounds('requests')).rejects.toThrow(NotProvisionedError)
    const host = log.host(
      { processor: 'p', topics: ['requests'], tasks: 1 },
      async () => {},
      new AbortController().signal,
    )
    await expect(host).rejects.toThrow(NotProvisionedError)
  })

  it('fails in time where no broker answers', async () => {
    const log = await world.open('x.', { brokers: ['127.0.0.1:1'], timeoutMs: 1500 })
    await expect(log.layoutRecord()).rejects.toThrow(UnavailableError)
    await expect(log.describe()).rejects.toThrow(UnavailableError)
  })
})
