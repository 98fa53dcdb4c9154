import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { untilStdinEnds } from '../test/broker/src/until-stdin-ends.ts'

const startMsMax = 60_000

/** The Docker engine that answers, or one of our own: what to add to the environment, and how to end it. */
export async function dockerEngine() {
  if (answers(process.env)) return { environment: {}, stop: async () => undefined }
  if (process.getuid?.() !== 0)
    throw new Error('no Docker engine answers, and only root can start one')
  installDocker()
  return startEngine()
}

function answers(env) {
  const run = spawnSync('docker', ['version', '--format', '{{.Server.Version}}'], {
    env,
    stdio: 'ignore',
  })
  return run.status === 0
}

function installDocker() {
  if (spawnSync('dockerd', ['--version'], { stdio: 'ignore' }).status === 0) return
  console.log('installing docker.io')
  // At this run level Debian does not start what it installs; ours is started below, in a folder of its own.
  const env = { ...process.env, RUNLEVEL: '1', DEBIAN_FRONTEND: 'noninteractive' }
  const packages = ['install', '-y', '-qq', '--no-install-recommends', 'docker.io']
  for (const args of [['update', '-qq'], packages]) {
    const { status, stderr } = spawnSync('apt-get', args, { env, encoding: 'utf8' })
    if (status !== 0) throw new Error(`apt-get ${args.join(' ')} failed:\n${stderr}`)
  }
}

async function startEngine() {
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-docker-'))
  const host = `unix://${join(folder, 'docker.sock')}`
  const logFile = join(folder, 'log')
  const places = ['data-root', 'exec-root', 'pidfile'].flatMap((name) => [
    `--${name}`,
    join(folder, name),
  ])
  const command = ['dockerd', ...places, '--host', host]
  // Ends when this process does, however that happens.
  const engine = spawn('sh', ['-c', untilStdinEnds('TERM'), 'docker', logFile, ...command], {
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  const ended = once(engine, 'exit')
  const stop = async () => {
    engine.stdin.end()
    await ended
    rmSync(folder, { recursive: true, force: true })
  }
  const environment = { DOCKER_HOST: host }
  const endMs = Date.now() + startMsMax
  while (!answers({ ...process.env, ...environment })) {
    if (engine.exitCode !== null || Date.now() > endMs) {
      const said = readFileSync(logFile, 'utf8').slice(-2000)
      await stop()
      throw new Error(`dockerd did not start:\n${said}`)
    }
    await setTimeout(100)
  }
  return { environment, stop }
}
