import { setTimeout } from 'node:timers/promises'
import { connect } from '@tidemark/assembly'
import { openPublisher } from '@tidemark/client'
import { isFailing, type Faults } from '../faults.ts'
import { measured } from '../harness/measured.ts'
import { latencyUs, randomOf, uuid } from '../harness/random.ts'

// Publishes single requests through the client library at an even rate, of all services in turn, each failing now and then. Arguments:
// folder, events per second (0: as fast as it goes), seconds, seed, and the faults as JSON.

const [folder, rate, seconds, seed] = [
  process.argv[2]!,
  ...process.argv.slice(3, 6).map(Number),
] as [string, number, number, number]
const faults = JSON.parse(process.argv[6]!) as Faults

/** At full speed so many are under way; a publisher takes some more. */
const underWayMax = 8000
/** Pauses between two goes. */
const goMs = 10
const fullSpeedMs = 1

const { log } = await connect({ kind: 'embedded', folder }, null)
const publisher = await openPublisher(log)
const random = randomOf(seed)
let events = 0
let underWay = 0
let failed: { readonly error: unknown } | null = null

const publishOne = (): void => {
  const service = events++ % faults.services
  const nowMs = Date.now()
  const isBad = isFailing(faults, service, nowMs)
  const published = publisher.publish({
    ...{ type: 'RequestObserved', id: uuid(random), service: `service-${service}` },
    ...{ operation: 'GET /cart', atUs: nowMs * 1000, latencyUs: latencyUs(random) },
    ...{ status: isBad ? 500 : 200, success: !isBad },
  })
  underWay++
  published.then(
    () => underWay--,
    (error: unknown) => (failed = { error }),
  )
}

const took = await measured(async () => {
  const startMs = performance.now()
  for (let passedMs = 0; passedMs < seconds * 1000; passedMs = performance.now() - startMs) {
    const due = rate === 0 ? events + underWayMax - underWay : (passedMs * rate) / 1000
    while (events < due) publishOne()
    await setTimeout(rate === 0 ? fullSpeedMs : goMs)
  }
  await publisher.flush()
})
await publisher.close()
await log.close()
if (failed !== null) throw new Error('an event was not published', { cause: failed })
console.log(JSON.stringify({ events, ...took }))
