import type { Log } from '@tidemark/log'
import { inputTopics, type InputTopic } from '@tidemark/model'
import { repeatableUuid } from '../repeatable-uuid.ts'

/** Draws the id of the next event of a partition that came without one. */
export type DrawId = (topic: InputTopic, partition: number, content: string) => string

/**
 * Ids that follow from what an event says and from its place in the log, so that the same lines on an equal log give the same bytes,
 * and the same line twice gives two events.
 */
export const repeatableIds = async (log: Log): Promise<DrawId> => {
  const places = new Map<string, number>()
  for (const topic of inputTopics)
    for (const { partition, endOffset } of await log.bounds(topic))
      places.set(`${topic}/${partition}`, endOffset)
  return (topic, partition, content) => {
    const name = `${topic}/${partition}`
    const place = places.get(name) ?? 0
    places.set(name, place + 1)
    return repeatableUuid(`${name}/${place} ${content}`)
  }
}
