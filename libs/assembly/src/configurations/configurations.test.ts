import { randomUUID } from 'node:crypto'
import {
  configurationPartBytesMax,
  ConfigurationRecordError,
  configurationRecords,
  encode,
} from '@tidemark/codec'
import type { LogPublisher } from '@tidemark/log'
import {
  canonicalJson,
  configurationId,
  contentId,
  defaultConfiguration,
  keyOfEvent,
  type Configuration,
  type ConfigurationActivated,
  type ConfigurationStored,
  type Id,
} from '@tidemark/model'
import { describe, expect, it } from '@jest/globals'
import type { Connection } from '../connection.ts'
import { eventsIn, openLogs } from '../testing/log-world.ts'
import { publishFacts } from '../facts/publish-facts.ts'
import { activateConfiguration } from './activate-configuration.ts'
import { configurationCatalog } from './configuration-catalog.ts'
import { configurationHistory } from './configuration-history.ts'
import { ConfigurationMissingError, storeConfiguration } from './store-configuration.ts'

const open = openLogs()

const small: Configuration = { ...defaultConfiguration, requestsMin: 30 }
/** In two parts, with characters of several bytes where it is cut. */
const large: Configuration = {
  ...defaultConfiguration,
  silences: Array.from({ length: 900 }, (_, i) => ({
    ...{ id: `silence-${i}`, matchers: [], fromUs: 0, toUs: 1, note: '\u{1f30a}ü'.repeat(160) },
  })),
}

const append = async (
  { log }: Pick<Connection, 'log'>,
  events: readonly ConfigurationStored[],
): Promise<void> => {
  const publisher: LogPublisher = await log.publisher()
  for (const event of events)
    await publisher.append('catalog', 0, [
      { key: Buffer.from(keyOfEvent(event)!), value: encode(event) },
    ])
  await publisher.close()
}

const partsOf = (configuration: Configuration, count: number): readonly ConfigurationStored[] => {
  const text = canonicalJson(configuration)
  const size = Math.ceil(text.length / count)
  return Array.from({ length: count }, (_, part) => ({
    ...{ type: 'ConfigurationStored', configurationId: contentId(text), part, parts: count },
    text: text.slice(part * size, (part + 1) * size),
  }))
}

const noWait = { waitMs: 0 }
const unstored = 'the catalog does not hold it'

describe('a configuration in the catalog', () => {
  it.each([
    ['small', small, 1],
    ['large', large, 2],
  ])('comes back as it was stored: %s', async (_, configuration, parts) => {
    const connection = await open()
    const id = await storeConfiguration(connection, configuration)
    expect(id).toBe(configurationId(configuration))
    const records = await eventsIn(connection, 'catalog', 0)
    expect(records).toHaveLength(1 + parts)
    for (const { event } of records.slice(1)) {
      const { text } = event as ConfigurationStored
      expect(Buffer.byteLength(text)).toBeLessThanOrEqual(configurationPartBytesMax)
      expect(text.isWellFormed()).toBe(true)
    }
    const catalog = configurationCatalog(connection.log, noWait)
    expect(catalog.get(id)).toBeNull()
    expect(await catalog.load(id)).toBeNull()
    expect(catalog.get(id)).toEqual(configuration)
  })

  it('is stored once, whoever stores it how often', async () => {
    const connection = await open()
    await storeConfiguration(connection, small)
    await storeConfiguration(connection, { ...small })
    expect(await eventsIn(connection, 'catalog', 0)).toHaveLength(2)
    await Promise.all([1, 2, 3].map(() => storeConfiguration(connection, large)))
    const catalog = configurationCatalog(connection.log, noWait)
    expect(await catalog.load(configurationId(large))).toBeNull()
    const ids = [configurationId(defaultConfiguration), ...[small, large].map(configurationId)]
    expect(await catalog.ids()).toEqual(ids)
  })

  it('is there from the beginning where it is the layout\u2019s', async () => {
    const connection = await open({ configuration: small })
    const catalog = configurationCatalog(connection.log, noWait)
    expect(await catalog.load(configurationId(small))).toBeNull()
    expect(catalog.get(configurationId(small))).toEqual(small)
    await storeConfiguration(connection, small)
    expect(await eventsIn(connection, 'catalog', 0)).toHaveLength(1)
  })

  it('is found when it comes later, by whoever waits for it', async () => {
    const connection = await open()
    const catalog = configurationCatalog(connection.log, { waitMs: 20_000 })
    const waited = Promise.all([
      catalog.load(configurationId(small)),
      catalog.load(configurationId(small)),
    ])
    await storeConfiguration(connection, small)
    expect(await waited).toEqual([null, null])
  })

  it('takes no part that is none, and none that is too large', async () => {
    const broken = { ...small, requestsMin: 'many' } as unknown as Configuration
    expect(() => configurationRecords(broken)).toThrow('configuration.requestsMin: "many"')
    const huge = {
      ...large,
      silences: Array.from({ length: 9 }, () => ({
        ...large.silences[0]!,
        note: 'n'.repeat(2_000_000),
      })),
    }
    expect(() => configurationRecords(huge)).toThrow(ConfigurationRecordError)
  })
})

describe('what is wrong in the catalog', () => {
  const faultOf = async (connection: Connection, id: Id): Promise<string | null> => {
    const catalog = configurationCatalog(connection.log, noWait)
    const fault = await catalog.load(id)
    expect(catalog.get(id) === null).toBe(fault !== null)
    return fault
  }
  const id = configurationId(small)

  it('is told: nothing, a part that is missing, another text, no configuration', async () => {
    const connection = await open()
    expect(await faultOf(connection, id)).toBe(`configuration ${id}: ${unstored}`)
    const [first, second, third] = partsOf(small, 3)
    await append(connection, [first!, third!])
    expect(await faultOf(connection, id)).toContain('of its 3 parts the catalog lacks 1')
    await append(connection, [{ ...second!, text: second!.text.replace('3', '4') }])
    expect(await faultOf(connection, id)).toContain('is damaged: its text has the id')
    await append(connection, [{ ...second!, parts: 1000, part: 7 }])
    expect(await faultOf(connection, id)).toContain('says that it has 1000 parts')
    for (const [text, fault] of [
      ['no JSON', 'its text is no JSON'],
      ['{"requestsMin":1}', 'configuration.horizonUs: missing'],
      [canonicalJson(small).replace(':', ': '), 'its text is no canonical JSON'],
    ] as const) {
      const other = contentId(text)
      const one = { type: 'ConfigurationStored', configurationId: other, part: 0, parts: 1, text }
      await append(connection, [one as ConfigurationStored])
      expect(await faultOf(connection, other)).toContain(`is damaged: ${fault}`)
    }
  })

  it('is told, too, of one that is whole and that nobody can work with', async () => {
    const connection = await open()
    const odd = { ...small, horizonUs: 25_000_000 }
    await append(connection, partsOf(odd, 1))
    const fault = 'signals.horizon: 25s is no number of whole windows of 10s'
    expect(await faultOf(connection, configurationId(odd))).toContain(
      `it cannot be worked with: ${fault}`,
    )
    await expect(storeConfiguration(connection, odd)).rejects.toThrow(`configuration: ${fault}`)
  })

  it('can be stored again, and is good from then on', async () => {
    const connection = await open()
    const [first, second] = partsOf(small, 2)
    await append(connection, [first!])
    // As by one that ended half way.
    await storeConfiguration(connection, small)
    expect(await faultOf(connection, id)).toBeNull()
    // And once whole, no later record takes it away.
    await append(connection, [
      { ...second!, text: 'x' },
      { ...first!, parts: 1, text: 'y' },
    ])
    expect(await faultOf(connection, id)).toBeNull()
  })

  it('is found by the parts of two who stored it at the same time, in any order', async () => {
    const connection = await open()
    const [first, second] = partsOf(small, 2)
    await append(connection, [first!, first!, second!, second!])
    expect(await faultOf(connection, id)).toBeNull()
  })
})

describe('activating a configuration', () => {
  it('writes the same fact into every partition, two windows ahead', async () => {
    const connection = await open()
    const id = await storeConfiguration(connection, small)
    const beforeUs = Date.now() * 1000
    const { fact, places } = await activateConfiguration(connection, id, {
      ...{ by: 'ada', note: 'less noise' },
    })
    const { windowUs } = connection.layout
    expect(fact).toMatchObject({ configurationId: id, by: 'ada', note: 'less noise' })
    expect(fact.effectiveFromUs % windowUs).toBe(0)
    expect(fact.effectiveFromUs - beforeUs).toBeGreaterThan(windowUs)
    expect(fact.effectiveFromUs - beforeUs).toBeLessThanOrEqual(3 * windowUs)
    expect(places.map(({ partition }) => partition)).toEqual([0, 1, 2])
    for (const partition of [0, 1, 2])
      expect((await eventsIn(connection, 'facts', partition)).map(({ event }) => event)).toEqual([
        fact,
      ])
  })

  it('refuses one that the catalog does not hold', async () => {
    const connection = await open()
    await expect(
      activateConfiguration(connection, configurationId(small), { by: null, note: null }),
    ).rejects.toThrow(
      new ConfigurationMissingError(`configuration ${configurationId(small)}: ${unstored}`),
    )
  })

  it('goes by the time of the log where producers stamp it, and by the window asked for', async () => {
    const connection = await open({ timestamps: 'producer' })
    const id = configurationId(defaultConfiguration)
    const { fact, places } = await activateConfiguration(connection, id, { by: null, note: null })
    expect([fact.atUs, fact.effectiveFromUs]).toEqual([0, 20_000_000])
    expect(places.map(({ timestampMs }) => timestampMs)).toEqual([0, 0, 0])
    const later = { by: null, note: null, effectiveFromUs: 90_000_000 }
    const asked = await activateConfiguration(connection, id, later)
    expect(asked.fact.effectiveFromUs).toBe(90_000_000)
  })
})

describe('the history of configurations', () => {
  it('says for which windows each activation holds, in every partition', async () => {
    const connection = await open({ timestamps: 'producer', partitions: 2 })
    const fact = (n: number, effectiveFromUs: number): ConfigurationActivated => ({
      ...{ type: 'ConfigurationActivated', id: randomUUID(), atUs: 0, by: `${n}`, note: null },
      ...{ configurationId: contentId(`${n}`), effectiveFromUs },
    })
    const windowUs = 10_000_000
    const facts = [1, 4, 3, 3, 7].map((window, n) => fact(n, window * windowUs))
    await publishFacts(connection, facts)
    // Written again it changes nothing.
    await publishFacts(connection, facts.slice(0, 1))
    const history = await configurationHistory(connection.log)
    expect(history).toHaveLength(10)
    for (const partition of [0, 1]) {
      const own = history.filter((of) => of.partition === partition)
      expect(
        own.map(({ fromUs, untilUs }) => [fromUs, untilUs].map((us) => us && us / windowUs)),
      ).toEqual([
        [1, 3],
        [4, 4],
        [3, 3],
        [3, 7],
        [7, null],
      ])
      expect(own[0]).toEqual({
        ...{ partition, offset: 0, configurationId: contentId('0'), factId: facts[0]!.id },
        ...{ by: '0', note: null, atUs: 0, clockMs: 0, effectiveFromUs: windowUs },
        ...{ fromUs: windowUs, untilUs: 3 * windowUs },
      })
    }
  })
})
