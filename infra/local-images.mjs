// Images for where none can be pulled: the programs of this machine and the libraries that they load, nothing else. They
// understand the environment variables of the official images as far as the tests set them.
import { execFileSync, spawnSync } from 'node:child_process'
import {
  copyFileSync,
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { kafkaJars } from '../test/broker/src/kafka-jars.ts'
import { postgresPrograms } from '../test/postgres/src/binaries.ts'

/** What scripts and the port checks of testcontainers call. */
const tools = ['bash', 'cat', 'env', 'grep', 'mkdir', 'awk', 'sleep', 'id']

export async function makeKafkaImage(name) {
  const settings = execFileSync('sh', ['-c', 'java -XshowSettings:properties -version 2>&1'], {
    encoding: 'utf8',
  })
  const javaHome = /java\.home = (.*)/.exec(settings)[1]
  const jars = await kafkaJars()
  makeImage(name, kafkaScript, (stage) => {
    copyFolder(javaHome, join(stage, 'opt/java'))
    copyFolder(jars, join(stage, 'opt/kafka'))
    return globSync(join(javaHome, '{bin/java,lib/**/*.so}'))
  })
}

export async function makePostgresImage(name) {
  const programs = postgresPrograms()
  if (programs === null)
    throw new Error('no image of PostgreSQL can be made: it is not installed here')
  const config = (what) =>
    execFileSync(join(programs, 'pg_config'), [`--${what}`], { encoding: 'utf8' }).trim()
  const [sharedir, pkglibdir] = ['sharedir', 'pkglibdir'].map(config)
  makeImage(name, postgresScript(programs), (stage) => {
    const libraries = globSync(join(pkglibdir, '*.so')).filter((path) => !path.includes('llvmjit'))
    for (const folder of [sharedir, '/usr/share/zoneinfo'])
      if (existsSync(folder)) copyFolder(folder, join(stage, folder))
    const files = [
      ...libraries,
      ...['initdb', 'postgres'].map((program) => join(programs, program)),
    ]
    for (const file of files) copyFile(file, stage)
    return files
  })
}

/** Imports a root file system: tools, what `fill` puts there, the libraries of the files that it names, and the script as entry point. */
function makeImage(name, script, fill) {
  const stage = mkdtempSync(join(tmpdir(), 'tidemark-image-'))
  mkdirSync(join(stage, 'bin'))
  try {
    const programs = tools.map((tool) => {
      const path = realpathSync(
        execFileSync('sh', ['-c', `command -v ${tool}`], { encoding: 'utf8' }).trim(),
      )
      copyFileSync(path, join(stage, 'bin', tool))
      return path
    })
    copyFileSync(join(stage, 'bin/bash'), join(stage, 'bin/sh'))
    for (const library of librariesOf([...programs, ...fill(stage)])) copyFile(library, stage)
    for (const folder of ['etc', 'tmp', 'dev', 'proc', 'sys'])
      mkdirSync(join(stage, folder), { recursive: true })
    writeFileSync(join(stage, 'etc/passwd'), 'owner:x:999:999::/tmp:/bin/sh\n')
    writeFileSync(join(stage, 'entrypoint'), script, { mode: 0o755 })
    const changes = ['ENTRYPOINT ["/entrypoint"]', 'USER 999', 'ENV PATH=/bin'].flatMap((line) => [
      '-c',
      line,
    ])
    const archive = join(stage, 'image.tar')
    const contents = ['--exclude=./image.tar', '--owner=999', '--group=999', '.']
    execFileSync('tar', ['-C', stage, '-cf', archive, ...contents])
    execFileSync('docker', ['import', ...changes, archive, name], { stdio: 'ignore' })
  } finally {
    rmSync(stage, { recursive: true, force: true })
  }
}

const copyFolder = (from, to) =>
  // A link may lead to what is not installed.
  cpSync(from, to, { recursive: true, dereference: true, filter: (path) => existsSync(path) })

const copyFile = (path, stage) => {
  mkdirSync(join(stage, dirname(path)), { recursive: true })
  copyFileSync(path, join(stage, path))
}

/** What the dynamic linker would load for these files, itself included. */
function librariesOf(files) {
  // It fails for a file that needs none.
  const { stdout } = spawnSync('ldd', files, { encoding: 'utf8' })
  const paths = stdout.matchAll(/^\s+(?:\S+ => )?(\/\S+) \(0x/gm)
  return new Set([...paths].map(([, path]) => path).filter((path) => existsSync(path)))
}

const kafkaScript = `#!/bin/bash
set -e
settings=/tmp/server.properties
echo log.dirs=/tmp/data >$settings
for name in \${!KAFKA_@}; do
  key=\${name#KAFKA_}
  key=\${key,,}
  echo "\${key//_/.}=\${!name}" >>$settings
done
java() {
  /opt/java/bin/java -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xmx512m \
    -Dorg.slf4j.simpleLogger.defaultLogLevel=warn \
    -Dorg.slf4j.simpleLogger.log.kafka.server.KafkaRaftServer=info -cp '/opt/kafka/*' "$@"
}
java kafka.tools.StorageTool format -t AAAAAAAAAAAAAAAAAAAAAA -c $settings
java kafka.Kafka $settings
`

const postgresScript = (programs) => `#!/bin/bash
set -e
data=/tmp/data
echo "$POSTGRES_PASSWORD" >/tmp/password
${programs}/initdb -D $data -U "$POSTGRES_USER" -A scram-sha-256 --pwfile=/tmp/password -E UTF8 --locale=C --no-sync
echo 'host all all all scram-sha-256' >>$data/pg_hba.conf
exec ${programs}/postgres -D $data -c listen_addresses='*' -c unix_socket_directories=/tmp -c fsync=off
`
