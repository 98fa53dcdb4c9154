import { randomUUID } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import { openPublisher, type PublishableEvent, type Publisher } from '@tidemark/client'
import { openKafkaLog } from '@tidemark/log-kafka'
import { randomOf, type Random } from '@tidemark/replay'
import { stopSignal } from '@tidemark/runtime'
import { faultByName, live, services, trafficOf } from '@tidemark/traffic'
import { openJournal, readJournal, undecided, type Journal } from './journal.ts'
import { endWithParent, say } from './telling.ts'

// A producer with live traffic that keeps a journal. When it is started again after a kill, it asks again for what it does not know the outcome of,
// with the same ids.

export type LoadSpec = {
  readonly brokers: readonly string[]
  readonly prefix: string
  readonly journal: string
  readonly seed: number
  /** Multiplies the rate of every service. */
  readonly rate: number
}

/** What it says, about once a round, and whenever it comes to the next stage. */
export type LoadSaid = {
  readonly attempts: number
  readonly acked: number
  readonly inFlight: number
  readonly stage: 'at work' | 'finishing' | 'closing the publisher' | 'closing the log' | 'closed'
}

const roundMs = 100
/** Asked for and not answered yet; more wait until there is room. */
const inFlightMax = 4000
/** An event whose outcome is unknown is asked for again. */
const retriesMax = 5

const main = async (spec: LoadSpec): Promise<void> => {
  endWithParent()
  const signal = stopSignal(process)
  const { brokers, prefix, seed, rate } = spec
  const before = undecided(readJournal(spec.journal))
  const journal = openJournal(spec.journal)
  const log = await openKafkaLog({ brokers, prefix, clientId: 'load', timeoutMs: 10_000 })
  const publisher = await openPublisher(log, { retryMs: 20_000 })
  const asking = askerOf(publisher, journal)
  const tell = (stage: LoadSaid['stage']): void => {
    say({ ...asking.counts(), stage } satisfies LoadSaid)
  }
  try {
    for (const event of before) asking.ask(event)
    const random = randomOf(seed)
    const startUs = Date.now() * 1000
    const events = trafficOf(live({ startUs, rate }), {
      seed,
      faults: faultsFrom(startUs),
    }).events()
    const due = dueEvents(events[Symbol.iterator]())
    while (!signal.aborted) {
      for (const event of due(Date.now() * 1000))
        for (const each of disturbed(event, random)) asking.ask(each)
      await asking.round()
      tell('at work')
      await setTimeout(roundMs)
      while (asking.inFlight() > inFlightMax && !signal.aborted) {
        await asking.round()
        await setTimeout(roundMs)
      }
    }
  } finally {
    await asking.finish(() => tell('finishing'))
    tell('closing the publisher')
    await publisher.close()
    tell('closing the log')
    await log.close()
    journal.close()
    tell('closed')
  }
}

const second = 1_000_000

/** Something goes wrong with one service after the other, so that alerts come and go. */
const faultsFrom = (startUs: number) =>
  services.flatMap(({ service }, i) =>
    Array.from({ length: 100 }, (_, turn) => {
      const fromUs = startUs + (8 + 12 * i + 60 * turn) * second
      return faultByName(
        i % 2 === 0 ? 'down' : 'error-burst',
        service,
        fromUs,
        fromUs + 10 * second,
      )
    }),
  )

type Timed = { readonly sentUs: number; readonly event: PublishableEvent }

const dueEvents = (
  events: Iterator<Timed>,
): ((nowUs: number) => Generator<PublishableEvent, void>) => {
  let next = events.next()
  return function* (nowUs) {
    for (; next.done !== true && next.value.sentUs <= nowUs; next = events.next())
      yield next.value.event
  }
}

/** Some events come twice, some late, some from the future, and some cannot be published at all. Ids are new in every life. */
const disturbed = (event: PublishableEvent, random: Random): readonly PublishableEvent[] => {
  if (event.type === 'RequestBatch') return [event]
  const own = { ...event, id: randomUUID() }
  const draw = random.integer(0, 999)
  if (draw < 10) return [own, own]
  if (draw < 20) return [{ ...own, atUs: own.atUs - 30 * second }]
  if (draw < 25) return [{ ...own, atUs: own.atUs + 60 * second }]
  if (draw < 30) return [{ ...own, service: 'x'.repeat(1000) }]
  return [own]
}

type Asker = {
  readonly ask: (event: PublishableEvent) => void
  /** Writes down what is about to be asked, then asks. */
  readonly round: () => Promise<void>
  readonly finish: (round: () => void) => Promise<void>
  readonly inFlight: () => number
  readonly counts: () => Omit<LoadSaid, 'stage'>
}

const askerOf = (publisher: Publisher, journal: Journal): Asker => {
  const retries = new Map<string, number>()
  let toAsk: PublishableEvent[] = []
  let inFlight = 0
  let attempts = 0
  let acked = 0
  const publish = async (event: PublishableEvent): Promise<void> => {
    const id = idOf(event)
    inFlight++
    try {
      const { topic, partition, offset } = await publisher.publish(event)
      journal.add({ kind: 'acked', id, topic, partition, offset })
      acked++
    } catch (error) {
      const { code, isUnknown } = outcomeOf(error)
      journal.add({ kind: isUnknown ? 'unknown' : 'refused', id, code })
      const tried = retries.get(id) ?? 0
      retries.set(id, tried + 1)
      if (isUnknown && tried < retriesMax) toAsk.push(event)
    } finally {
      inFlight--
    }
  }
  const round = async (): Promise<void> => {
    const events = toAsk
    toAsk = []
    for (const event of events) journal.add({ kind: 'attempt', id: idOf(event), event })
    journal.sync()
    attempts += events.length
    for (const event of events) {
      await publisher.ready()
      void publish(event)
    }
  }
  return {
    ask: (event) => {
      toAsk.push(event)
    },
    round,
    finish: async (told) => {
      while (toAsk.length > 0 || inFlight > 0) {
        told()
        await round()
        await publisher.flush()
        // Outcomes are noted a moment after.
        await setTimeout(10)
      }
      journal.sync()
    },
    inFlight: () => inFlight,
    counts: () => ({ attempts, acked, inFlight }),
  }
}

const idOf = (event: PublishableEvent): string =>
  event.type === 'RequestBatch' ? event.batchId : event.id!

/** An error that the publisher throws before it sends says that nothing was sent. */
const outcomeOf = (error: unknown): { readonly code: string; readonly isUnknown: boolean } => {
  const code = error instanceof Error && 'code' in error ? String(error.code) : String(error)
  return { code, isUnknown: !refusals.has(code) }
}

const refusals: ReadonlySet<string> = new Set(['queue_full', 'encode', 'entry_refused', 'closed'])

main(JSON.parse(process.argv[2]!) as LoadSpec).catch((error: unknown) => {
  console.error(error)
  process.exitCode = 1
})
