import { encode, partitionOfService } from '@tidemark/codec'
import { badRecords } from '@tidemark/e2e/bad-records'
import type { HealthChecked, RequestBatch, RequestObserved } from '@tidemark/model'
import type { Faults } from './faults.ts'
import type { Plan } from './plan.ts'
import { publish, type Publication, type PublishingParts } from './publishing.ts'
import type { Draws } from './random.ts'
import type { JournalEntry } from './run.ts'

export type LoadParts = PublishingParts & {
  readonly plan: Plan
  readonly faults: Faults
}

const rememberedMax = 40

/** Publishes events of a few services until the load ends: requests, batches and checks, good ones and others. */
export const produce = async (parts: LoadParts): Promise<void> => {
  const { plan, process, draw, faults } = parts
  const remembered: Publication[] = []
  while (process.nowMs() < plan.loadUntilMs) {
    const isAgain = remembered.length > 0 && faults.strikes('duplicate-event', 0.15)
    const next = isAgain ? { ...draw.pick(remembered) } : publicationOf(parts)
    remembered.push(next)
    if (remembered.length > rememberedMax) remembered.shift()
    await publish(parts, next)
    await process.sleep(draw.between(100, 900))
  }
}

export const services = ['checkout', 'search', 'cart', 'mail'] as const
const operations = ['GET /', 'POST /orders', ''] as const

const publicationOf = (parts: LoadParts): Publication => {
  const { draw, faults, process, plan, nextPublication } = parts
  const { partitions } = plan.layout
  const publication = nextPublication()
  if (faults.strikes('bad-input', 0.05)) return badPublication(parts, publication)
  const service = draw.pick(services)
  const { key, partition } = partitionOfService(service, partitions)
  const [sort, awayMs] = timeOf(parts)
  const atUs = (process.wallMs() + awayMs) * 1000 + draw.between(0, 999)
  const isTroubled = isInTrouble(service, process.nowMs(), plan.moodMs)
  const kind = draw.unit()
  const topic = kind < 0.7 ? 'requests' : 'health-checks'
  const count = kind < 0.2 ? 1 : draw.between(1, 3)
  const entries = Array.from({ length: count }, (): JournalEntry => {
    const value =
      kind < 0.2
        ? encode(batchOf(draw, service, atUs, isTroubled))
        : kind < 0.7
          ? encode(requestOf(draw, service, atUs, isTroubled))
          : encode(checkOf(draw, service, atUs, isTroubled))
    return { key, value, sort }
  })
  return { publication, topic, partition, entries }
}

/** How far the events of a publication are from now, by the producer's clock. */
const timeOf = ({ draw, faults }: LoadParts): readonly [sort: string, ms: number] => {
  if (faults.strikes('late-event', 0.1)) return ['late', -draw.between(8000, 60_000)]
  if (faults.strikes('future-event', 0.05)) return ['future', draw.between(9000, 7_200_000)]
  return ['good', -draw.between(0, 1500)]
}

/** Services fall ill in turn, some never. */
const isInTrouble = (service: string, nowMs: number, moodMs: number): boolean =>
  service === services[Math.floor(nowMs / moodMs) % 3]

const requestOf = (
  draw: Draws,
  service: string,
  atUs: number,
  isTroubled: boolean,
): RequestObserved => {
  const failed = draw.chance(isTroubled ? 0.6 : 0.02)
  return {
    type: 'RequestObserved',
    id: draw.chance(0.95) ? draw.uuid() : null,
    ...{ service, atUs, operation: draw.pick(operations), success: !failed },
    status: failed ? draw.pick([429, 500, 504]) : 200,
    latencyUs: draw.between(1, isTroubled ? 1_600_000 : 90_000),
  }
}

const batchOf = (
  draw: Draws,
  service: string,
  baseUs: number,
  isTroubled: boolean,
): RequestBatch => {
  const length = draw.between(1, 12)
  const column = (value: () => number): readonly number[] => Array.from({ length }, value)
  const failures = Array.from({ length }, (_, i) => i).filter(() =>
    draw.chance(isTroubled ? 0.6 : 0.02),
  )
  return {
    type: 'RequestBatch',
    ...{ batchId: draw.uuid(), service, baseUs, operations, failures },
    deltaUs: column(() => draw.between(-900_000, 0)),
    latencyUs: column(() => draw.between(1, isTroubled ? 1_600_000 : 90_000)),
    status: column(() => draw.pick([200, 200, 204, 500])),
    operation: column(() => draw.between(0, operations.length - 1)),
  }
}

const checkOf = (
  draw: Draws,
  service: string,
  atUs: number,
  isTroubled: boolean,
): HealthChecked => ({
  type: 'HealthChecked',
  id: draw.chance(0.95) ? draw.uuid() : null,
  ...{ service, atUs, check: draw.pick(['', 'ping']), passed: !draw.chance(isTroubled ? 0.5 : 0) },
  ...{ latencyUs: draw.chance(0.5) ? draw.between(1, 50_000) : null, reason: null },
})

const badPublication = ({ draw, process, plan }: LoadParts, publication: number): Publication => {
  const { name, topic, key, value } = draw.pick(badRecords(process.wallMs() * 1000))
  const { partition } = partitionOfService('bad-svc', plan.layout.partitions)
  const entry = { key, value, sort: name }
  return { publication, topic, partition, entries: [entry] }
}
