import { randomUUID } from 'node:crypto'
import {
  activateConfiguration,
  configurationCatalog,
  configurationHistory,
  connect,
  openLog,
  provision,
  publishFacts,
  storeConfiguration,
  type Connection,
} from '@tidemark/assembly'
import { describeWithBroker } from '@tidemark/broker/jest'
import { afterEach, expect, it } from '@jest/globals'
import {
  configurationId,
  defaultConfiguration,
  defaultLayout,
  type Configuration,
  type DeploymentFinished,
} from '@tidemark/model'

// The catalog and facts on real brokers: what two clients store, load and activate.

const large: Configuration = {
  ...defaultConfiguration,
  silences: Array.from({ length: 1000 }, (_, i) => ({
    ...{ id: `silence-${i}`, matchers: [], fromUs: 0, toUs: 1, note: 'ü'.repeat(500) },
  })),
}

describeWithBroker('configurations on Kafka', (brokers) => {
  const opened: Connection[] = []
  afterEach(async () => {
    for (const { log } of opened.splice(0)) await log.close()
  }, 20_000)

  const clients = async (count: number): Promise<readonly Connection[]> => {
    const prefix = `configurations-${randomUUID().slice(0, 8)}.`
    const address = { kind: 'kafka', brokers: brokers(), prefix } as const
    const log = await openLog(address)
    await provision(log, { ...defaultLayout, prefix, partitions: 3 })
    await log.close()
    for (let i = 0; i < count; i++) opened.push(await connect(address, null))
    return opened
  }

  it('are stored in parts by two at once, and given out whole to a third', async () => {
    const [one, two, three] = await clients(3)
    const ids = await Promise.all([one!, two!].map((each) => storeConfiguration(each, large)))
    const id = configurationId(large)
    expect(ids).toEqual([id, id])
    const [bounds] = await three!.log.bounds('catalog')
    // The layout, and three parts once or twice.
    expect([4, 7]).toContain(bounds!.endOffset)
    const catalog = configurationCatalog(three!.log)
    expect(await catalog.load(id)).toBeNull()
    expect(catalog.get(id)).toEqual(large)
    expect(await catalog.ids()).toEqual([configurationId(defaultConfiguration), id])
  })

  it('are found by whoever waits for them, and told of while they are not there', async () => {
    const [one, two] = await clients(2)
    const catalog = configurationCatalog(two!.log, { waitMs: 500 })
    const id = configurationId(large)
    expect(await catalog.load(id)).toBe(`configuration ${id}: the catalog does not hold it`)
    const patient = configurationCatalog(two!.log, { waitMs: 30_000 })
    const waited = patient.load(id)
    await storeConfiguration(one!, large)
    // The first part alone is not enough; whoever waits looks again.
    expect([null, expect.stringContaining('parts the catalog lacks')]).toContainEqual(await waited)
    expect(await patient.load(id)).toBeNull()
  })

  it('are activated in every partition, among facts of services', async () => {
    const [one] = await clients(1)
    const id = await storeConfiguration(one!, large)
    const deployment: DeploymentFinished = {
      ...{ type: 'DeploymentFinished', id: randomUUID(), atUs: Date.now() * 1000, by: null },
      ...{ note: null, service: 'checkout', deployment: 'v1' },
    }
    const [published] = await publishFacts(one!, [deployment])
    expect(published!.places).toHaveLength(1)
    const { fact } = await activateConfiguration(one!, id, { by: 'ada', note: 'large' })
    const history = await configurationHistory(one!.log)
    expect(
      history.map(({ partition, configurationId: of, factId, by, note, effectiveFromUs }) => ({
        ...{ partition, of, factId, by, note, effectiveFromUs },
      })),
    ).toEqual(
      [0, 1, 2].map((partition) => ({
        ...{ partition, of: id, factId: fact.id, by: 'ada', note: 'large' },
        effectiveFromUs: fact.effectiveFromUs,
      })),
    )
    for (const { clockMs, fromUs, untilUs } of history) {
      expect(fromUs).toBe(fact.effectiveFromUs)
      expect(clockMs * 1000).toBeLessThan(fromUs)
      expect(untilUs).toBeNull()
    }
  })
})
