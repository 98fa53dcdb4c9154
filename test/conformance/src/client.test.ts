import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe } from '@jest/globals'
import { describeWithBroker } from '@tidemark/broker/jest'
import { layoutRecord } from '@tidemark/codec'
import { openEmbeddedLog } from '@tidemark/log-embedded'
import type { Log } from '@tidemark/log'
import { defaultLayout } from '@tidemark/model'
import { describeConsuming } from './client-consuming.ts'
import { describePublishing } from './client-publishing.ts'
import type { ClientLogs } from './client-world.ts'
import { newPrefix, openWorld } from './kafka-world.ts'

const layout = { ...defaultLayout, partitions: 2 }

describe('the client on the embedded log', () => {
  const closers: (() => Promise<void> | void)[] = []
  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) await close()
  })
  const logs = async (): Promise<ClientLogs> => {
    const folder = mkdtempSync(join(tmpdir(), 'tidemark-client-'))
    closers.push(() => {
      rmSync(folder, { recursive: true })
    })
    const open = async (): Promise<Log> => {
      const log = await openEmbeddedLog({ folder })
      closers.push(log.close)
      return log
    }
    const log = await open()
    await log.provision(layout, layoutRecord(layout))
    return { log, open }
  }
  describe('the publisher', () => describePublishing(logs))
  describe('the consumer of alerts', () => describeConsuming(logs))
})

describeWithBroker('the client on Kafka', (brokers) => {
  const world = openWorld(brokers)
  afterEach(() => world.close(), 20_000)
  const logs = async (): Promise<ClientLogs> => {
    const prefix = newPrefix()
    const log = await world.open(prefix)
    await log.provision({ ...layout, prefix }, layoutRecord({ ...layout, prefix }))
    return { log, open: () => world.open(prefix) }
  }
  describe('the publisher', () => describePublishing(logs))
  describe('the consumer of alerts', () => describeConsuming(logs))
})
