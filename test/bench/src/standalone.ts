import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Address } from '@tidemark/assembly'

/** Everything in one process, as whoever works with a clone starts it. */
export type Standalone = {
  readonly pid: number
  /** When it was started, on the wall clock. */
  readonly startedMs: number
  /** Ends it as a user does; throws when it did not end in order. */
  readonly stop: () => Promise<void>
}

export const programs = {
  source: join(import.meta.dirname, '../../../apps/cli/src/main.ts'),
} as const

/** `tidemark start` on a folder, or on topics, whose store is made in a folder. */
export const startStandalone = (
  at: string | { readonly address: Address; readonly folder: string },
  options: readonly string[] = [],
  env: NodeJS.ProcessEnv = process.env,
): Standalone => {
  const startedMs = Date.now()
  const child: ChildProcess = spawn(
    process.execPath,
    [programs.source, 'start', ...placeOf(at), '--log-level', 'warn', ...options],
    { env, stdio: ['ignore', 'ignore', 'inherit'] },
  )
  const ended = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>
  return {
    pid: child.pid!,
    startedMs,
    stop: async () => {
      child.kill('SIGTERM')
      const [code, signal] = await ended
      if (code !== 0) throw new Error(`tidemark start ended with ${code ?? signal}`)
    },
  }
}

const placeOf = (at: Parameters<typeof startStandalone>[0]): readonly string[] => {
  if (typeof at === 'string') return ['--data', at]
  const { address, folder } = at
  return address.kind === 'embedded'
    ? ['--data', address.folder]
    : [
        ...['--brokers', address.brokers.join(','), '--prefix', address.prefix],
        ...['--store', join(folder, 'store.sqlite')],
      ]
}
