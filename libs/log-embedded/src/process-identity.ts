import { readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'

/** A process, so that others on the same machine can see whether it lives. */
export type ProcessIdentity = {
  /** Where process ids mean the same: a machine since its last start, or a container on it. */
  readonly machine: string
  readonly pid: number
  /** When it started, in the system's spelling: tells it from a later process with the same id. Null where that is not known. */
  readonly started: string | null
}

export const thisProcess = (): ProcessIdentity => ({
  machine: machineName(),
  pid: process.pid,
  started: startOf(process.pid),
})

/** The host's name in the name of a machine. */
export const hostOf = (machine: string): string => machine.split(' ', 1)[0]!

/** Whether a process of this machine is certainly gone. */
export const isDead = ({ pid, started }: Pick<ProcessIdentity, 'pid' | 'started'>): boolean => {
  try {
    process.kill(pid, 0)
  } catch (error) {
    // Any other answer means that it is there, but not ours.
    return (error as NodeJS.ErrnoException).code === 'ESRCH'
  }
  const startedNow = startOf(pid)
  return started !== null && startedNow !== null && started !== startedNow
}

const machineName = (): string => {
  const parts = [hostname()]
  try {
    parts.push(readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim())
    parts.push(readlinkSync('/proc/self/ns/pid'))
  } catch {
    // Not Linux: the host's name has to do.
  }
  return parts.join(' ')
}

/** Start time, or null: no such process, or no /proc. */
const startOf = (pid: number): string | null => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // Field 22, counted behind the command, which stands in parentheses and may hold anything.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    // A zombie has ended, though its parent has not asked yet.
    return fields[0] === 'Z' ? 'ended' : (fields[19] ?? null)
  } catch {
    return null
  }
}
