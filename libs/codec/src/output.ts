import { keyOfEvent, topicOfEvent, type DerivedEvent, type DerivedTopic } from '@tidemark/model'
import { encodeUtf8 } from '@tidemark/wire'
import { encode } from './codec.ts'

/** A derived event as a record: where it goes, under which key. The partition follows from its task. */
export type EncodedOutput = {
  readonly topic: DerivedTopic
  readonly key: Uint8Array | null
  readonly value: Uint8Array
}

/** EncodeError where the event does not fit its schema. */
export const encodeOutput = (event: DerivedEvent): EncodedOutput => {
  const key = keyOfEvent(event)
  return {
    topic: topicOfEvent[event.type],
    key: key === null ? null : encodeUtf8(key),
    value: encode(event),
  }
}

/** The value of a tick; its key is null. */
export const tick: Uint8Array = encode({ type: 'Tick' })
