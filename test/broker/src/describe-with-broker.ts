import { afterAll, beforeAll, describe } from '@jest/globals'
import { existsSync } from 'node:fs'
import { isJavaReady } from './kafka-jars.ts'
import { startBroker, type TestBroker } from './start-broker.ts'

/** Where a broker would come from; null: nowhere. */
const brokerSource = (): 'given' | 'docker' | 'java' | null => {
  if ((process.env.KAFKA_BROKERS ?? '') !== '') return 'given'
  if (process.env.DOCKER_HOST !== undefined || existsSync('/var/run/docker.sock')) return 'docker'
  return isJavaReady() ? 'java' : null
}

const advice =
  'no Kafka broker: set KAFKA_BROKERS, start Docker, or install Java 17 and Maven (apt-get install openjdk-17-jre-headless maven)'

/**
 * A suite that needs a broker; `brokers` may be called once its tests run. Where there is none it is skipped, and says so; with
 * CI=true it fails instead.
 */
export const describeWithBroker = (
  name: string,
  suite: (brokers: () => readonly string[]) => void,
): void => {
  if (brokerSource() === null) {
    if (process.env.CI === 'true') throw new Error(advice)
    console.warn(`skipped: ${name}: ${advice}`)
    describe.skip(`${name} (${advice})`, () => {
      suite(() => [])
    })
    return
  }
  describe(name, () => {
    let broker: TestBroker | null = null
    beforeAll(async () => {
      broker = await startBroker()
    }, 6 * 60_000)
    afterAll(() => broker?.stop())
    suite(() => {
      if (broker === null) throw new Error('the broker is asked for before it was started')
      return broker.brokers
    })
  })
}
