import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { connect, type Connection } from '@tidemark/assembly'
import { follow } from '../following.ts'
import type { Row, Run } from '../harness/row.ts'
import { programs, startStandalone } from '../standalone.ts'

// How long whoever calls the command line waits for it. `start` begins on an empty folder with its own simulated traffic; what it takes is
// told without the wait for the window that its first request falls into, and that window's grace.

const calls = 5
const firstWindowMsMax = 60_000

/** Wall time of a call of Node, the mean of a few. */
const called = (args: readonly string[], output: RegExp, env: NodeJS.ProcessEnv): Run => {
  const startMs = performance.now()
  for (let i = 0; i < calls; i++) {
    const { status, stdout } = spawnSync(process.execPath, args, { encoding: 'utf8', env })
    if (status !== 0 || !output.test(stdout)) throw new Error(`${args.join(' ')}: ${status}`)
  }
  return { wallMs: (performance.now() - startMs) / calls }
}

/** As soon as somebody has provisioned the folder. */
const connected = async (folder: string): Promise<Connection> => {
  for (;;) {
    try {
      return await connect({ kind: 'embedded', folder }, null)
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'not_provisioned'))
        throw error
      await setTimeout(20)
    }
  }
}

type Seen = {
  requestMs: number
  readonly window: { readonly endMs: number; readonly seenMs: number }
}

const firstWindow = async ({ log }: Connection): Promise<Seen> => {
  const stop = new AbortController()
  const signal = AbortSignal.any([stop.signal, AbortSignal.timeout(firstWindowMsMax)])
  const requests: number[] = []
  const windows: Seen['window'][] = []
  await Promise.all([
    follow(
      log,
      'requests',
      ({ type }, seenMs) => {
        if (type === 'RequestObserved') requests.push(seenMs)
      },
      signal,
    ),
    follow(
      log,
      'aggregates',
      (event, seenMs) => {
        if (event.type !== 'RequestWindowClosed') return
        windows.push({ endMs: event.windowEndUs / 1000, seenMs })
        stop.abort()
      },
      signal,
    ),
  ])
  const [requestMs, window] = [requests[0], windows[0]]
  if (requestMs === undefined || window === undefined)
    throw new Error(`no window was closed within ${firstWindowMsMax} ms`)
  return { requestMs, window }
}

const started = async (parent: string, seed: number, env: NodeJS.ProcessEnv): Promise<Run> => {
  const folder = mkdtempSync(join(parent, 'start-'))
  const system = startStandalone(folder, ['--seed', String(seed)], env)
  const connection = await connected(folder)
  try {
    const { requestMs, window } = await firstWindow(connection)
    const firstRequestMs = requestMs - system.startedMs
    const commitMs = window.seenMs - (window.endMs + connection.layout.graceUs / 1000)
    return { firstRequestMs, commitMs, wallMs: firstRequestMs + commitMs }
  } finally {
    await connection.log.close()
    await system.stop()
  }
}

export const coldStart: Row = {
  name: 'cold-start',
  title: 'Cold start',
  promises: [
    ...['--help from source', '--help of the bundle'].map((side) => ({
      ...{ what: 'ms', side, figure: 'wallMs', goal: { atMost: 150 } },
    })),
    {
      ...{ what: 'ms beside the window and its grace', side: 'start to the first window' },
      ...{ figure: 'wallMs', goal: { atMost: 2000 } },
    },
    {
      what: 'ms to the first request',
      side: 'start to the first window',
      figure: 'firstRequestMs',
    },
    { what: 'ms', side: 'Node alone', figure: 'wallMs' },
  ],
  open: async ({ folder, seed }) => {
    const build = join(import.meta.dirname, '../../../../infra/build.mjs')
    execFileSync(process.execPath, [build, '--into', folder, 'apps/cli'], { stdio: 'ignore' })
    const env = { ...process.env, XDG_CACHE_HOME: join(folder, 'cache') }
    const help = (program: string) => (): Promise<Run> =>
      Promise.resolve(called([program, '--help'], /Usage: tidemark/, env))
    return {
      conditions: `a process each; what was compiled is kept from the first call on; start from source, on an empty folder, with its own simulated traffic, from exec to the first committed row of a window, without the wait for the end of that window (10 s) and its grace (5 s)`,
      sides: [
        { name: 'Node alone', run: () => Promise.resolve(called(['--eval', '0'], /^$/, env)) },
        { name: '--help from source', run: help(programs.source) },
        { name: '--help of the bundle', run: help(join(folder, 'cli.cjs')) },
        { name: 'start to the first window', run: () => started(folder, seed, env) },
      ],
    }
  },
}
