import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { kafkaJars } from './kafka-jars.ts'

export type ConsoleRecord = {
  readonly partition: number
  readonly offset: number
  readonly timestampMs: number
  readonly key: Uint8Array | null
  readonly value: Uint8Array | null
}

const runMsMax = 120_000
/** Nothing came for so long: the end. The longer one is for a machine so busy that a consumer has not even begun by then. */
const silencesMs = [6000, 40_000] as const

/**
 * Every committed record of a topic as Kafka's own consumer sees it, by partition and offset. Where there are fewer than `expected` it is
 * given more time. Needs Java.
 */
export const consoleRecords = async (
  brokers: readonly string[],
  topic: string,
  expected: number,
): Promise<readonly ConsoleRecord[]> => {
  const [short, long] = silencesMs
  const records = await read(brokers, topic, short)
  return records.length >= expected ? records : read(brokers, topic, long)
}

const read = async (
  brokers: readonly string[],
  topic: string,
  silenceMs: number,
): Promise<readonly ConsoleRecord[]> => {
  // What stands for no key or no value must be no key and no value that anybody wrote.
  const nothing = randomUUID()
  const bytes = 'org.apache.kafka.common.serialization.BytesDeserializer'
  const properties = [
    ...['print.timestamp', 'print.key', 'print.offset', 'print.partition'].map(
      (it) => `${it}=true`,
    ),
    ...[`key.deserializer=${bytes}`, `value.deserializer=${bytes}`, `null.literal=${nothing}`],
  ]
  const { stdout } = await promisify(execFile)(
    'java',
    [
      ...['-Xmx128m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'],
      ...['-Dorg.slf4j.simpleLogger.defaultLogLevel=off', '-cp', join(await kafkaJars(), '*')],
      'org.apache.kafka.tools.consumer.ConsoleConsumer',
      ...['--bootstrap-server', brokers.join(','), '--topic', topic, '--from-beginning'],
      ...['--isolation-level', 'read_committed', '--timeout-ms', String(silenceMs)],
      ...properties.flatMap((property) => ['--formatter-property', property]),
    ],
    { timeout: runMsMax, maxBuffer: 1024 * 1024 * 1024 },
  )
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => recordOf(line, nothing))
    .sort((a, b) => a.partition - b.partition || a.offset - b.offset)
}

const recordOf = (line: string, nothing: string): ConsoleRecord => {
  const fields = line.split('\t')
  const numberAfter = (name: string): number => {
    const field = fields.find((it) => it.startsWith(`${name}:`))
    if (field === undefined) throw new Error(`the console consumer said no ${name}: ${line}`)
    return Number(field.slice(name.length + 1))
  }
  const [key, value] = fields.slice(-2) as [string, string]
  return {
    partition: numberAfter('Partition'),
    offset: numberAfter('Offset'),
    timestampMs: fields[0]!.startsWith('LogAppendTime')
      ? numberAfter('LogAppendTime')
      : numberAfter('CreateTime'),
    key: key === nothing ? null : bytesOf(key),
    value: value === nothing ? null : bytesOf(value),
  }
}

/** Java prints what is printable as it is, and all else, backslashes too, as `\xHH`. */
const bytesOf = (text: string): Uint8Array => {
  const bytes = Buffer.alloc(text.length)
  let length = 0
  for (let at = 0; at < text.length; length++) {
    const isEscape = text[at] === '\\'
    bytes[length] = isEscape ? parseInt(text.slice(at + 2, at + 4), 16) : text.charCodeAt(at)
    at += isEscape ? 4 : 1
  }
  return new Uint8Array(bytes.subarray(0, length))
}
