import { execFile, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import {
  appendFileSync,
  chownSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { freePorts, untilStdinEnds } from '@tidemark/broker'
import { postgresPrograms } from './binaries.ts'
import { untilReady, urlOf, type ServerAddress } from './server-address.ts'
import { unprivilegedUser, type UserIds } from './unprivileged.ts'

/** A server of one's own, to be broken. It keeps its folder and port over all its lives. */
export type PostgresServer = {
  readonly address: ServerAddress
  /** Immediate: as if the machine lost its power; the next start recovers from the write-ahead log. */
  readonly stop: (how: 'fast' | 'immediate' | 'kill') => Promise<void>
  readonly start: () => Promise<void>
  /** Stopped for good, its folder removed. */
  readonly remove: () => Promise<void>
}

export type ServerOptions = {
  /** Whether commits wait for the disk. Tests need no more than that they outlive processes. */
  readonly isDurable?: boolean
}

const folderPrefix = 'tidemark-postgres-'
const staleMs = 24 * 3600_000
const signals = { fast: 'SIGINT', immediate: 'SIGQUIT', kill: 'SIGKILL' } as const

export const startServer = async (options: ServerOptions = {}): Promise<PostgresServer> => {
  const programs = postgresPrograms()
  if (programs === null) throw new Error('PostgreSQL is not installed: no initdb, no postgres')
  const user = unprivilegedUser()
  const folder = newFolder(user)
  const remove = (): void => rmSync(folder, { recursive: true, force: true })
  const address: ServerAddress = {
    ...{ host: '127.0.0.1', port: (await freePorts(1))[0]!, user: 'owner' },
    password: randomBytes(12).toString('hex'),
  }
  try {
    await initialise(programs, folder, user, address, options)
    let life = await begin(programs, folder, user, address)
    return {
      address,
      stop: (how) => life.end(signals[how]),
      start: async () => {
        life = await begin(programs, folder, user, address)
      },
      remove: async () => {
        await life.end('SIGQUIT')
        remove()
      },
    }
  } catch (error) {
    remove()
    throw error
  }
}

const newFolder = (user: UserIds | null): string => {
  // What was left behind by runs that were killed.
  for (const name of readdirSync(tmpdir())) {
    if (!name.startsWith(folderPrefix)) continue
    const path = join(tmpdir(), name)
    if (Date.now() - statSync(path).mtimeMs > staleMs)
      rmSync(path, { recursive: true, force: true })
  }
  const folder = mkdtempSync(join(tmpdir(), folderPrefix))
  if (user !== null) chownSync(folder, user.uid, user.gid)
  return folder
}

const initialise = async (
  programs: string,
  folder: string,
  user: UserIds | null,
  { port, password, user: owner }: ServerAddress,
  { isDurable = false }: ServerOptions,
): Promise<void> => {
  const passwordFile = join(folder, 'password')
  writeFileSync(passwordFile, password)
  if (user !== null) chownSync(passwordFile, user.uid, user.gid)
  const data = join(folder, 'data')
  const account = ['-U', owner, '-A', 'scram-sha-256', `--pwfile=${passwordFile}`]
  const text = ['--encoding=UTF8', '--locale=C']
  await promisify(execFile)(
    join(programs, 'initdb'),
    ['-D', data, '--no-sync', ...account, ...text],
    { cwd: folder, ...user },
  )
  const settings = {
    port,
    listen_addresses: "'127.0.0.1'",
    unix_socket_directories: "''",
    shared_buffers: "'32MB'",
    fsync: isDurable ? 'on' : 'off',
  }
  for (const [name, value] of Object.entries(settings))
    appendFileSync(join(data, 'postgresql.conf'), `${name} = ${value}\n`)
}

type Life = { readonly end: (signal: NodeJS.Signals) => Promise<void> }

/** Starts the server and waits until it answers. It ends when this process does, however that happens. */
const begin = async (
  programs: string,
  folder: string,
  user: UserIds | null,
  address: ServerAddress,
): Promise<Life> => {
  const logFile = join(folder, 'log')
  const command = [join(programs, 'postgres'), '-D', join(folder, 'data')]
  const child = spawn('sh', ['-c', untilStdinEnds('QUIT'), 'postgres', logFile, ...command], {
    stdio: ['pipe', 'pipe', 'ignore'],
    cwd: folder,
    ...user,
  })
  let isOver = false
  const ended = once(child, 'exit').then(() => {
    isOver = true
    child.stdin.destroy()
  })
  const [line] = (await once(child.stdout, 'data')) as [Buffer]
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (!isOver) process.kill(Number(line.toString()), signal)
    await ended
  }
  const early = ended.then(() => `PostgreSQL ended:\n${readFileSync(logFile, 'utf8').slice(-2000)}`)
  const failure = await Promise.race([untilReady(urlOf(address, 'postgres')), early])
  if (failure === null) return { end }
  await end('SIGQUIT')
  throw new Error(failure)
}
