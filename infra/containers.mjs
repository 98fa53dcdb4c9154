// Runs the suite of all logs on Kafka and the suite of all stores on PostgreSQL in containers, started by testcontainers.
// Takes the Docker engine that answers, else starts one for itself; takes the official images where they are or can be
// pulled, else makes its own from the programs of this machine. Ends what it started, and nothing else.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { imageOf, imageVariable } from '../test/broker/src/images.ts'
import { dockerEngine } from './docker-engine.mjs'
import { makeKafkaImage, makePostgresImage } from './local-images.mjs'

const root = join(import.meta.dirname, '..')
const make = { kafka: makeKafkaImage, postgres: makePostgresImage }

const engine = await dockerEngine()
const ends = [engine.stop]
try {
  Object.assign(process.env, engine.environment)
  for (const use of ['kafka', 'postgres']) await provide(use)
  // The library beneath them reads the environment, at the latest when it is loaded.
  const { dockerBroker } = await import('../test/broker/src/docker-broker.ts')
  const { dockerPostgres } = await import('../test/postgres/src/docker-postgres.ts')
  const { urlOf } = await import('../test/postgres/src/server-address.ts')
  const broker = await dockerBroker()
  ends.push(broker.stop)
  console.log(`Kafka in ${imageOf('kafka')}: ${broker.brokers.join()}`)
  const postgres = await dockerPostgres()
  ends.push(postgres.stop)
  console.log(`PostgreSQL in ${imageOf('postgres')}: port ${postgres.address.port}`)
  const { status } = spawnSync(process.execPath, ['infra/test.mjs', 'containers'], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: {
      ...process.env,
      TIDEMARK_CONTAINERS: 'true',
      KAFKA_BROKERS: broker.brokers.join(),
      TIDEMARK_POSTGRES: urlOf(postgres.address, 'postgres'),
    },
  })
  process.exitCode = status ?? 1
} finally {
  for (const end of ends.reverse()) await end()
}

/** Sees to it that the engine has an image for a use, and that everybody who asks is told its name. */
async function provide(use) {
  const image = imageOf(use)
  const docker = (...args) => spawnSync('docker', args, { encoding: 'utf8' })
  if (docker('image', 'inspect', image).status === 0) return
  const { status, stderr } = docker('pull', '--quiet', image)
  if (status === 0) return
  const local = `tidemark-test-${use}:local`
  console.log(`${image} cannot be pulled (${stderr.trim()}): making ${local} here`)
  await make[use](local)
  process.env[imageVariable(use)] = local
  // Nor can the image that testcontainers uses to tidy up behind killed tests.
  process.env.TESTCONTAINERS_RYUK_DISABLED = 'true'
}
