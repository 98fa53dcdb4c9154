// @ts-expect-error No types inside.
import RequestQueue from 'kafkajs/src/network/requestQueue/index.js'
// @ts-expect-error No types inside.
import protocol from 'kafkajs/src/protocol/requests/index.js'
import type { Metadata, ProtocolRequest } from './kafkajs-types.ts'

// What kafkajs gets wrong about requests and answers is put right here, once for all clients of the process.

type RequestQueueInside = {
  readonly pending: readonly unknown[]
  scheduleCheckPendingRequests: (this: RequestQueueInside) => void
  createSocketRequest: (
    this: RequestQueueInside,
    pushed: PushedRequest,
  ) => { requestTimeout: number }
}
type PushedRequest = { readonly entry: { readonly apiKey: number } }

/**
 * kafkajs sets a timer of 1 ms again and again on every connection, for ever, to look into a queue that is empty: measured 4 % of a
 * core for ten idle connections. An empty queue needs no timer.
 */
const stopIdleTimers = (): void => {
  const inside = (RequestQueue as { readonly prototype: RequestQueueInside }).prototype
  const check = inside.scheduleCheckPendingRequests
  inside.scheduleCheckPendingRequests = function () {
    if (this.pending.length > 0) check.call(this)
  }
}

/** What a broker answers from its memory, waiting for nobody. */
const immediate: ReadonlySet<number> = new Set([
  3, // Metadata
  10, // FindCoordinator
  18, // ApiVersions
])
/** As long as a connection may take. */
export const immediateMsMax = 3000

/** Questions that are answered at once need no long wait to know that nobody answers. kafkajs lets requests have longer timeouts only. */
const hurryQuickAnswers = (): void => {
  const inside = (RequestQueue as { readonly prototype: RequestQueueInside }).prototype
  const create = inside.createSocketRequest
  inside.createSocketRequest = function (pushed) {
    const request = create.call(this, pushed)
    if (immediate.has(pushed.entry.apiKey))
      request.requestTimeout = Math.min(request.requestTimeout, immediateMsMax)
    return request
  }
}

type MetadataProtocol = (version: object) => (fields: object) => ProtocolRequest

const leaderNotAvailable = 5
const unknownTopic = 3

/**
 * kafkajs fails a whole metadata answer when one partition of any topic has no leader, or one topic is unknown: then no leader is
 * refreshed and the group's leader cannot sync. Those are left in the answer instead, with leader -1 or without partitions.
 */
const bearMissingLeaders = (): void => {
  const { requests } = protocol as {
    readonly requests: { readonly Metadata: { protocol: MetadataProtocol } }
  }
  const original = requests.Metadata.protocol
  requests.Metadata.protocol = (version) => (fields) => {
    const { request, response } = original(version)(fields)
    return { request, response: { decode: response.decode, parse: bearable(response.parse) } }
  }
}

const bearable =
  (parse: (decoded: never) => unknown) =>
  async (decoded: Metadata): Promise<unknown> => {
    const grave = decoded.topicMetadata.filter(
      ({ topicErrorCode }) => ![0, leaderNotAvailable, unknownTopic].includes(topicErrorCode),
    )
    await parse({
      topicMetadata: grave.map((topic) => ({ ...topic, partitionMetadata: [] })),
    } as never)
    return decoded
  }

export const repairRequests = (): void => {
  stopIdleTimers()
  hurryQuickAnswers()
  bearMissingLeaders()
}
