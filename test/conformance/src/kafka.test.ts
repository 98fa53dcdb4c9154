import { describeWithBroker } from '@tidemark/broker/jest'
import type { Log } from '@tidemark/log'
import { describeLog, type LogUnderTest } from '@tidemark/log/conformance'
import { openKafkaLog, type Delivery } from '@tidemark/log-kafka'
import { topicNames } from '@tidemark/model'
import type { Admin } from 'kafkajs'
import { newPrefix, plainClient, putOut } from './kafka-world.ts'

describeWithBroker('Kafka', (brokers) => {
  const asAdmin = async (work: (admin: Admin) => Promise<unknown>): Promise<void> => {
    const admin = plainClient(brokers()).admin()
    await admin.connect()
    try {
      await work(admin)
    } finally {
      await admin.disconnect()
    }
  }

  const makeLog = async (delivery: Delivery): Promise<LogUnderTest> => {
    const prefix = newPrefix()
    const opened: Log[] = []
    const open = async (): Promise<Log> => {
      const log = await openKafkaLog({
        brokers: brokers(),
        prefix,
        delivery,
        sessionTimeoutMs: 6000,
      })
      opened.push(log)
      return log
    }
    return {
      prefix,
      log: await open(),
      open,
      usurp: async () => {
        await putOut(brokers(), `${prefix}tidemark-aggregator`)
        return open()
      },
      trim: (topic, partition, below) =>
        asAdmin(async (admin) => {
          const name = prefix + topic
          // kafkajs deletes records of topics only whose metadata it happens to have.
          await admin.fetchTopicOffsets(name)
          const partitions = [{ partition, offset: String(below) }]
          await admin.deleteTopicRecords({ topic: name, partitions })
        }),
      close: async () => {
        await Promise.all(opened.map(({ close }) => close()))
        await asAdmin(async (admin) => {
          const existing = new Set(await admin.listTopics())
          const ours = topicNames
            .map((topic) => prefix + topic)
            .filter((name) => existing.has(name))
          await admin.deleteTopics({ topics: ours })
        })
      },
    }
  }

  describeLog('Kafka, exactly once', () => makeLog('exactly-once'), {
    atomicCommit: true,
    fencedCommit: true,
    trim: true,
  })

  const not = 'at-least-once delivery does without transactions'
  describeLog('Kafka, at least once', () => makeLog('at-least-once'), {
    atomicCommit: { not },
    fencedCommit: { not },
    trim: true,
  })
})
