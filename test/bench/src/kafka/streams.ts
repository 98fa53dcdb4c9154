import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { readableSchemas } from '@tidemark/codec'
import { defaultLayout } from '@tidemark/model'
import { fingerprintHex } from '@tidemark/wire'
import { lastLineOf } from '../harness/own-process.ts'
import type { Run } from '../harness/row.ts'

// The same job on Kafka Streams: test/bench/peers/kafka-streams, built by Maven once for each state of its sources.

export type StreamsRun = {
  /** `streams-live`: the best that can be made of Kafka Streams. `streams-dsl`: as one would write it. */
  readonly contender: 'streams-live' | 'streams-dsl'
  readonly records: 'singles' | 'batches'
  readonly brokers: readonly string[]
  readonly topic: string
  readonly output: string
  readonly application: string
  readonly commitIntervalMs: number
}

const runMsMax = 10 * 60_000
const heap = '-Xmx1g'

export const runStreams = async (run: StreamsRun): Promise<Run> => {
  const jars = join(streamsJars(), '*')
  const state = mkdtempSync(join(tmpdir(), 'tidemark-streams-'))
  const event = run.records === 'singles' ? 'RequestObserved' : 'RequestBatch'
  const { fingerprint } = readableSchemas.find(({ name }) => name === event)!
  const settings = {
    ...{ contender: run.contender, records: run.records, brokers: run.brokers.join(',') },
    ...{ topic: run.topic, output: run.output, application: run.application, state },
    ...{ commitMs: run.commitIntervalMs, fingerprint: fingerprintHex(fingerprint) },
    ...{ windowUs: defaultLayout.windowUs, graceUs: defaultLayout.graceUs },
  }
  const log = '-Dorg.slf4j.simpleLogger.defaultLogLevel=error'
  const options = [heap, log, '-cp', jars, 'tidemark.peer.Main']
  const given = Object.entries(settings).map(([name, value]) => `${name}=${value}`)
  try {
    return await lastLineOf('java', [...options, ...given], runMsMax)
  } finally {
    rmSync(state, { recursive: true, force: true })
  }
}

const root = join(import.meta.dirname, '../../../..')
const project = join(import.meta.dirname, '../../peers/kafka-streams')

/** The folder of the peer's jars, built if need be. */
export const streamsJars = (): string => {
  const folder = join(root, 'node_modules/.cache/tidemark', `kafka-streams-${sourcesHash()}`)
  if (existsSync(folder)) return join(folder, 'jars')
  requireJdk()
  mkdirSync(dirname(folder), { recursive: true })
  const partial = mkdtempSync(`${folder}-`)
  const pom = join(project, 'pom.xml')
  const built = spawnSync('mvn', ['-q', '-B', '-f', pom, 'package', `-Dpeer.target=${partial}`], {
    encoding: 'utf8',
  })
  if (built.status !== 0) {
    rmSync(partial, { recursive: true, force: true })
    throw new Error(`mvn could not build ${pom}:\n${built.stdout}${built.stderr}`)
  }
  // Renamed when complete, so that nobody takes half of it for the whole.
  renameSync(partial, folder)
  return join(folder, 'jars')
}

const sourcesHash = (): string => {
  const sources = readdirSync(join(project, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.java'))
    .sort()
    .map((name) => join(project, 'src', name))
  const hash = createHash('sha256')
  for (const file of [join(project, 'pom.xml'), ...sources]) hash.update(readFileSync(file))
  return hash.digest('hex').slice(0, 12)
}

/** A compiler and Maven, installed where the system has Debian's packages and we may. */
const requireJdk = (): void => {
  const missing = [
    ...(runs('javac', '-version') ? [] : ['openjdk-17-jdk-headless']),
    ...(runs('mvn', '--version') ? [] : ['maven']),
  ]
  if (missing.length === 0) return
  const install = ['install', '-y', '-qq', '--no-install-recommends', ...missing]
  if (!runs('apt-get', 'update', '-qq') || !runs('apt-get', ...install))
    throw new Error(
      `Kafka Streams, which this row is compared with, is built by a JDK (17 or later) and Maven: install ${missing.join(' and ')}`,
    )
}

const runs = (command: string, ...args: readonly string[]): boolean =>
  spawnSync(command, args, {
    stdio: 'ignore',
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  }).status === 0
