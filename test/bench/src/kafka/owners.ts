import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { FromOwner, OwnerSettings } from './owner.ts'

export type Owner = {
  readonly pid: number
  /** When its commits returned, by the machine's monotonic clock. */
  readonly commitsMs: readonly number[]
  /** How often it has been told its tasks, and whether it has the task. */
  readonly joins: () => number
  readonly hasTask: () => boolean
  /** SIGKILL; resolves when it is gone. */
  readonly kill: () => Promise<void>
  /** SIGTERM; resolves when it has ended in order and everything that it said is here. */
  readonly leave: () => Promise<void>
}

export const startOwner = (settings: OwnerSettings): Owner => {
  const script = join(import.meta.dirname, './owner.ts')
  const child = fork(script, [JSON.stringify(settings)])
  const commitsMs: number[] = []
  let joins = 0
  let hasTask = false
  child.on('message', (message: FromOwner) => {
    if (message.kind === 'committed') commitsMs.push(message.atMs)
    else {
      joins++
      hasTask = message.tasks.length > 0
    }
  })
  const ended = Promise.all([once(child, 'exit'), once(child, 'disconnect')])
  return {
    pid: child.pid!,
    commitsMs,
    joins: () => joins,
    hasTask: () => hasTask,
    kill: () => end(child, ended, 'SIGKILL'),
    leave: () => end(child, ended, 'SIGTERM'),
  }
}

const end = async (
  child: ChildProcess,
  ended: Promise<unknown>,
  signal: NodeJS.Signals,
): Promise<void> => {
  child.kill(signal)
  await ended
  if (signal === 'SIGTERM' && child.exitCode !== 0)
    throw new Error(`an owner ended with ${child.exitCode ?? child.signalCode}`)
}
