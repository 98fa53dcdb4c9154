import { describe } from '@jest/globals'
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describeWithBroker } from './describe-with-broker.ts'
import { isJavaReady, kafkaJars } from './kafka-jars.ts'

const advice = 'no Java and Maven: apt-get install openjdk-17-jre-headless maven'
const toolMsMax = 60_000

/** As `describeWithBroker`, for suites that also run Kafka's own command line tools. */
export const describeWithJava = (
  name: string,
  suite: (brokers: () => readonly string[]) => void,
): void => {
  if (isJavaReady()) {
    describeWithBroker(name, suite)
    return
  }
  if (process.env.CI === 'true') throw new Error(advice)
  console.warn(`skipped: ${name}: ${advice}`)
  describe.skip(`${name} (${advice})`, () => {
    suite(() => [])
  })
}

/** What Kafka's console consumer prints about the first `count` records of a topic: timestamp, key and value, committed ones only. */
export const consoleConsumer = async (
  brokers: readonly string[],
  topic: string,
  count: number,
): Promise<readonly string[]> => {
  const format = ['print.timestamp', 'print.key', 'print.offset', 'print.partition'].flatMap(
    (field) => ['--formatter-property', `${field}=true`],
  )
  const { stdout } = await promisify(execFile)(
    'java',
    [
      ...['-Dorg.slf4j.simpleLogger.defaultLogLevel=error', '-cp', join(await kafkaJars(), '*')],
      'org.apache.kafka.tools.consumer.ConsoleConsumer',
      ...['--bootstrap-server', brokers.join(','), '--topic', topic, '--from-beginning'],
      ...['--isolation-level', 'read_committed', '--max-messages', String(count)],
      ...['--timeout-ms', String(toolMsMax / 2), ...format],
    ],
    { timeout: toolMsMax, maxBuffer: 64 * 1024 * 1024 },
  )
  return stdout.split('\n').filter((line) => line !== '')
}
