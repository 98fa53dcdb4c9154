import { encode, partitionOfService, tick } from '@tidemark/codec'
import { inputTopics, type InputTopic } from '@tidemark/model'
import type { Draws } from '../faults/random.ts'
import { serviceNames } from './drawn-matchers.ts'
import type { Stretch } from './timeline.ts'

/** A record as somebody writes it at a time; the log keeps them in that order. */
export type TimedRecord = {
  readonly topic: InputTopic
  readonly partition: number
  readonly atMs: number
  readonly key: Uint8Array | null
  readonly value: Uint8Array
}

const minuteMs = 60_000

const moods = ['good', 'failing', 'slow', 'down', 'single-failures', 'silent'] as const
type Mood = (typeof moods)[number]

/** Requests and checks of every service, minute by minute; some change their mood now and then, some nearly every minute. */
export const trafficOf = (
  draw: Draws,
  stretches: readonly Stretch[],
  partitions: number,
): readonly TimedRecord[] =>
  serviceNames.flatMap((service) => {
    const { partition, key } = partitionOfService(service, partitions)
    const restlessness = draw.pick([0.1, 0.2, 0.7, 1])
    const ill = draw.pick(moods)
    const absentIn = draw.between(0, 6)
    let mood: Mood = 'good'
    return stretches.flatMap(({ fromMs, toMs }, i) =>
      minutesOf(fromMs, toMs).flatMap((startMs) => {
        if (draw.chance(restlessness))
          mood =
            mood !== 'good' && draw.chance(0.8) ? 'good' : draw.chance(0.7) ? ill : draw.pick(moods)
        if (mood === 'silent' || i === absentIn) return []
        return minute(draw, service, mood, startMs).map((record) => ({ ...record, partition, key }))
      }),
    )
  })

/** Records that only move the clock, so that windows close; now and then nobody writes any for some minutes. */
export const ticksOf = (
  draw: Draws,
  stretches: readonly Stretch[],
  partitions: number,
): readonly TimedRecord[] =>
  inputTopics.flatMap((topic) =>
    Array.from({ length: partitions }, (_, partition) =>
      stretches.flatMap(({ fromMs, toMs }) => {
        let blindUntilMs = 0
        return [...minutesOf(fromMs, toMs), toMs].flatMap((startMs) => {
          if (draw.chance(0.02)) blindUntilMs = startMs + draw.between(3, 9) * minuteMs
          const atMs = startMs + draw.between(0, 40_000)
          return startMs < blindUntilMs && startMs !== toMs
            ? []
            : [{ topic, partition, atMs, key: null, value: tick }]
        })
      }),
    ).flat(),
  )

const minutesOf = (fromMs: number, toMs: number): readonly number[] =>
  Array.from({ length: Math.ceil((toMs - fromMs) / minuteMs) }, (_, i) => fromMs + i * minuteMs)

type Written = Pick<TimedRecord, 'topic' | 'atMs' | 'value'>

const minute = (draw: Draws, service: string, mood: Mood, startMs: number): readonly Written[] => {
  const atMs = startMs + draw.between(0, 59_999)
  /** Mostly of the last seconds, sometimes of minutes ago, or of a clock that is ahead. */
  const awayMs = (): number =>
    draw.chance(0.04) ? draw.between(-300_000, 15_000) : -draw.between(0, 20_000)
  const requests: Written = {
    topic: 'requests',
    atMs,
    value: encode(batchOf(draw, service, mood, atMs + awayMs())),
  }
  const checks = Array.from({ length: draw.between(0, 4) }, (): Written => {
    const checkMs = startMs + draw.between(0, 59_999)
    return {
      topic: 'health-checks',
      atMs: checkMs,
      value: encode({
        type: 'HealthChecked',
        id: draw.chance(0.9) ? draw.uuid() : null,
        ...{ service, check: draw.pick(['', 'ping']), atUs: (checkMs + awayMs()) * 1000 },
        passed: !draw.chance(mood === 'down' ? 0.6 : 0.01),
        ...{ latencyUs: null, reason: null },
      }),
    }
  })
  const written = [requests, ...checks]
  return draw.chance(0.08)
    ? [...written, { ...draw.pick(written), atMs: atMs + draw.between(0, 90_000) }]
    : written
}

const operations = ['GET /', 'job:mail', 'job:pay', ''] as const

const batchOf = (draw: Draws, service: string, mood: Mood, baseMs: number) => {
  const length = draw.between(1, 25)
  const column = (value: () => number): readonly number[] => Array.from({ length }, value)
  const share = { good: 0.005, failing: 0.4, slow: 0.02, down: 0.1, silent: 0 }
  const failures = Array.from({ length }, (_, i) => i).filter((i) =>
    mood === 'single-failures' ? i === 0 : draw.chance(share[mood]),
  )
  const slowness = mood === 'slow' ? 12 : 1
  return {
    type: 'RequestBatch',
    ...{ batchId: draw.uuid(), service, baseUs: baseMs * 1000, operations, failures },
    deltaUs: column(() => draw.between(-8_000_000, 0)),
    latencyUs: column(() => Math.floor(slowness * 20_000 * (1 + 4 * draw.unit() ** 4))),
    status: Array.from({ length }, (_, i) =>
      failures.includes(i) ? draw.pick([429, 500, 504]) : draw.pick([200, 204, 404]),
    ),
    operation: column(() => draw.between(0, operations.length - 1)),
  } as const
}
