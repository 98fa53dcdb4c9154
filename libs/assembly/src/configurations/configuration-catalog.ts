import {
  configurationPartsMax,
  readConfiguration,
  readLayout,
  recordReader,
  type DecodedRecord,
} from '@tidemark/codec'
import { configurationFaults, type ConfigurationCatalog } from '@tidemark/evaluation'
import type { Log } from '@tidemark/log'
import {
  configurationId,
  invariant,
  type Configuration,
  type ConfigurationStored,
  type Id,
  type Layout,
  type Offset,
} from '@tidemark/model'
import { readOn } from '../verification/read-on.ts'

/** The configurations in a log's `catalog`, that of the layout included. */
export type LogCatalog = ConfigurationCatalog & {
  /** Ids of all that it holds something of, in the order in which they came; the layout's is the first. */
  readonly ids: () => Promise<readonly Id[]>
}

export type LogCatalogOptions = {
  /** How long `load` waits for what is not there. Default 1 s. */
  readonly waitMs?: number
}

/** Configurations that stay in memory, beside the layout's. */
const heldMax = 8
/** Records that are looked at for one configuration: some hundred times as often as it needs to be stored. */
const recordsMax = 4 * configurationPartsMax * 100

/**
 * The catalog of a log. Of each configuration it knows the offsets of the parts, and reads them when it is loaded; one that is incomplete,
 * is not what its id says, or that nobody could work with, is never given out: `load` says what is wrong with it. LogErrors of reading pass.
 */
export const configurationCatalog = (
  log: Pick<Log, 'read'>,
  { waitMs = 1000 }: LogCatalogOptions = {},
): LogCatalog => {
  const held = new Map<Id, Configuration>()
  const offsets = new Map<Id, Offset[]>()
  /** What was wrong with one when it had so many records. */
  const faults = new Map<Id, { readonly records: number; readonly fault: string }>()
  const loading = new Map<Id, Promise<string | null>>()
  let ofLayout: { readonly id: Id; readonly layout: Layout } | null = null
  let position = 0 as Offset
  let looking: Promise<void> | null = null

  const note = ({ offset, value, decoded }: DecodedRecord): void => {
    if (!decoded.ok) return
    const { event } = decoded
    if (event.type === 'LayoutProvisioned' && value !== null) {
      const layout = readLayout(value)
      ofLayout ??= { id: configurationId(layout.configuration), layout }
    }
    if (event.type !== 'ConfigurationStored') return
    const known = offsets.get(event.configurationId) ?? []
    offsets.set(event.configurationId, known)
    if (known.length < recordsMax) known.push(offset)
  }

  const readToEnd = async (maxWaitMs: number): Promise<void> => {
    const reader = recordReader()
    for (let isAtEnd = false; !isAtEnd;) {
      const batches = await log.read({ ...catalog, fromOffset: position, maxWaitMs })
      reader.open(batches)
      for (let record = reader.next(); record !== null; record = reader.next()) note(record)
      position = batches.nextOffset
      isAtEnd = position >= batches.endOffset
    }
  }

  /** Reads to the end, one at a time for all who ask. */
  const look = (maxWaitMs: number): Promise<void> =>
    (looking ??= readToEnd(maxWaitMs).finally(() => {
      looking = null
    }))

  const find = async (id: Id): Promise<string | null> => {
    const records = offsets.get(id) ?? []
    const known = faults.get(id)
    if (known?.records === records.length) return known.fault
    const found = await joined(log, id, records)
    const fault = found.ok ? unworkable(id, found.configuration, ofLayout?.layout) : found.fault
    if (!found.ok || fault !== null) {
      faults.set(id, { records: records.length, fault: fault ?? '' })
      return fault
    }
    faults.delete(id)
    held.set(id, found.configuration)
    for (const oldest of held.keys()) {
      if (held.size <= heldMax) break
      held.delete(oldest)
    }
    return null
  }

  const seek = async (id: Id): Promise<string | null> => {
    let fault: string | null = null
    for (const maxWaitMs of [0, waitMs]) {
      await look(maxWaitMs)
      if (ofLayout?.id === id) return null
      fault = await find(id)
      if (fault === null) return null
    }
    return fault
  }

  const get = (id: Id): Configuration | null =>
    ofLayout?.id === id ? ofLayout.layout.configuration : (held.get(id) ?? null)

  return {
    get,
    load: (id) => {
      if (get(id) !== null) return Promise.resolve(null)
      const known = loading.get(id)
      if (known !== undefined) return known
      const sought = seek(id).finally(() => loading.delete(id))
      loading.set(id, sought)
      return sought
    },
    ids: async () => {
      await look(0)
      const ids = new Set([...(ofLayout === null ? [] : [ofLayout.id]), ...offsets.keys()])
      return [...ids]
    },
  }
}

const catalog = { topic: 'catalog', partition: 0 } as const

type Joined = ReturnType<typeof readConfiguration>

/**
 * What the records at these offsets give: the first whole set of parts that is right. A part that comes again takes the place of the one
 * before, so what was stored wrongly can be stored again; and what was right once stays so, whatever comes later.
 */
const joined = async (
  log: Pick<Log, 'read'>,
  id: Id,
  offsets: readonly Offset[],
): Promise<Joined> => {
  let texts: (string | null)[] = []
  let fault = offsets.length === 0 ? 'the catalog does not hold it' : ''
  for (const offset of offsets) {
    const { part, parts, text } = await storedAt(log, offset)
    if (parts < 1 || parts > configurationPartsMax || part >= parts) {
      fault = `the catalog says that it has ${parts} parts, this being part ${part}; at most ${configurationPartsMax} are taken`
      continue
    }
    if (texts.length !== parts) texts = Array.from({ length: parts }, () => null)
    texts[part] = text
    const missing = texts.flatMap((each, i) => (each === null ? [i] : []))
    if (missing.length > 0) {
      fault = `of its ${parts} parts the catalog lacks ${missing.join(', ')}`
      continue
    }
    const read = readConfiguration(id, texts.join(''))
    if (read.ok) return read
    fault = `what the catalog holds is damaged: ${read.fault}`
  }
  return { ok: false, fault: `configuration ${id}: ${fault}` }
}

/** An evaluator that goes by it would fail, and again when it is started again. */
const unworkable = (id: Id, configuration: Configuration, layout: Layout | undefined) => {
  const [fault] = layout === undefined ? [] : configurationFaults(configuration, layout)
  return fault === undefined
    ? null
    : `configuration ${id}: it cannot be worked with: ${fault.path.join('.')}: ${fault.message}`
}

/** A record that was found to be part of a configuration, once more. */
const storedAt = async (log: Pick<Log, 'read'>, offset: Offset): Promise<ConfigurationStored> => {
  const reader = recordReader()
  reader.open(await readOn(log, { ...catalog, fromOffset: offset }))
  const decoded = reader.next()?.decoded
  const event = decoded?.ok === true ? decoded.event : null
  invariant(event?.type === 'ConfigurationStored', `catalog, offset ${offset}: was a configuration`)
  return event
}
