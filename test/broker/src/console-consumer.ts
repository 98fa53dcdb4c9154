import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { kafkaJars } from './kafka-jars.ts'

const runMsMax = 60_000

/** What Kafka's own console consumer prints about the first `count` records of a topic that are committed. Needs Java. */
export const consoleConsumer = async (
  brokers: readonly string[],
  topic: string,
  count: number,
): Promise<readonly string[]> => {
  const fields = ['print.timestamp', 'print.key', 'print.offset', 'print.partition']
  const { stdout } = await promisify(execFile)(
    'java',
    [
      ...['-Dorg.slf4j.simpleLogger.defaultLogLevel=error', '-cp', join(await kafkaJars(), '*')],
      'org.apache.kafka.tools.consumer.ConsoleConsumer',
      ...['--bootstrap-server', brokers.join(','), '--topic', topic, '--from-beginning'],
      ...['--isolation-level', 'read_committed', '--max-messages', String(count)],
      ...['--timeout-ms', String(runMsMax / 2)],
      ...fields.flatMap((field) => ['--formatter-property', `${field}=true`]),
    ],
    { timeout: runMsMax, maxBuffer: 64 * 1024 * 1024 },
  )
  return stdout.split('\n').filter((line) => line !== '')
}
