import { setTimeout } from 'node:timers/promises'
import { connect } from '@tidemark/assembly'
import { openPublisher, type PublishableEvent } from '@tidemark/client'
import { latencyUs, uuid, type Random } from './harness/random.ts'

export type LightLoad = { readonly stop: () => Promise<number> }

const checksEvery = 10

/** Every service sends a request a second and a health check every ten seconds, through the client library. `stop` says how many events. */
export const lightLoad = async (
  folder: string,
  services: number,
  random: Random,
): Promise<LightLoad> => {
  const { log } = await connect({ kind: 'embedded', folder }, null)
  const publisher = await openPublisher(log)
  const stopped = new AbortController()
  let events = 0
  const publish = async (event: PublishableEvent): Promise<void> => {
    await publisher.publish(event)
    events++
  }
  const second = async (round: number): Promise<void> => {
    for (let i = 0; i < services; i++) {
      const service = `service-${i}`
      const about = { id: uuid(random), service, atUs: Date.now() * 1000 }
      await publish({
        ...{ type: 'RequestObserved', ...about, operation: 'GET /cart' },
        ...{ latencyUs: latencyUs(random), status: 200, success: true },
      })
      if (round % checksEvery !== i % checksEvery) continue
      await publish({
        ...{ type: 'HealthChecked', ...about, id: uuid(random), check: 'ping' },
        ...{ passed: true, latencyUs: latencyUs(random), reason: null },
      })
    }
  }
  const run = async (): Promise<void> => {
    for (let round = 0; !stopped.signal.aborted; round++) {
      await second(round)
      await setTimeout(1000, undefined, { signal: stopped.signal }).catch(() => undefined)
    }
  }
  const done = run()
  return {
    stop: async () => {
      stopped.abort()
      await done
      await publisher.close()
      await log.close()
      return events
    },
  }
}
