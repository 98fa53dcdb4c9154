import { encode, partitionOfService } from '@tidemark/codec'
import { topicOfEvent, type InputTopic } from '@tidemark/model'
import type { TrafficEvent } from '@tidemark/traffic'

/** Where an event goes, and as what bytes. */
export type Placement = {
  readonly topic: InputTopic
  readonly partition: number
  readonly key: Uint8Array
  readonly value: Uint8Array
}

/** Remembers key and partition of each service: as many as are simulated. */
export const placementOf = (partitions: number): ((event: TrafficEvent) => Placement) => {
  const places = new Map<string, ReturnType<typeof partitionOfService>>()
  return (event) => {
    let place = places.get(event.service)
    if (place === undefined)
      places.set(event.service, (place = partitionOfService(event.service, partitions)))
    return { topic: topicOfEvent[event.type], ...place, value: encode(event) }
  }
}
