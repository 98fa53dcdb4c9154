import { afterAll, beforeAll, describe } from '@jest/globals'
import { existsSync } from 'node:fs'
import { isJavaReady } from './kafka-jars.ts'
import { startBroker, startMsMax, type TestBroker } from './start-broker.ts'

/** `brokers` may be called once the tests run. */
export type BrokerSuite = (brokers: () => readonly string[]) => void

/** A suite that needs a broker. Where there is none to be had it is skipped, and says so; with CI=true it fails instead. */
export const describeWithBroker = (name: string, suite: BrokerSuite): void => {
  if (!isBrokerLikely())
    skipped(name, suite, 'no broker: set KAFKA_BROKERS, start Docker, or install Java and Maven')
  else describe(name, () => withBroker(suite))
}

/** The same for a suite that runs Kafka's programs itself. */
export const describeWithJava = (name: string, suite: () => void): void => {
  if (isJavaReady()) describe(name, suite)
  else skipped(name, suite, 'no Java and Maven')
}

const isBrokerLikely = (): boolean =>
  (process.env.KAFKA_BROKERS ?? '') !== '' ||
  process.env.DOCKER_HOST !== undefined ||
  existsSync('/var/run/docker.sock') ||
  isJavaReady()

const skipped = (name: string, suite: BrokerSuite, reason: string): void => {
  const advice = `${reason} (apt-get install openjdk-17-jre-headless maven)`
  if (process.env.CI === 'true') throw new Error(`${name}: ${advice}`)
  console.warn(`skipped: ${name}: ${advice}`)
  describe.skip(`${name}: ${advice}`, () => {
    suite(() => [])
  })
}

const withBroker = (suite: BrokerSuite): void => {
  let broker: TestBroker | null = null
  beforeAll(async () => {
    broker = await startBroker()
  }, startMsMax)
  afterAll(() => broker?.stop())
  suite(() => {
    if (broker === null) throw new Error('the broker is asked for before it was started')
    return broker.brokers
  })
}
