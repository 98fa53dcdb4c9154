import { readFileSync } from 'node:fs'

/** Time and CPU time (user and system, of all threads) that work in this process took. */
export const measured = async (
  work: () => Promise<void> | void,
): Promise<{ readonly wallMs: number; readonly cpuMs: number }> => {
  const startedMs = performance.now()
  const before = process.cpuUsage()
  await work()
  const { user, system } = process.cpuUsage(before)
  return { wallMs: performance.now() - startedMs, cpuMs: (user + system) / 1000 }
}

/** A clock that never goes back and that all processes of a machine share; where it begins means nothing. */
export const machineMs = (): number => Number(process.hrtime.bigint()) / 1e6

/** CPU time of another process so far, in ms, in steps of 10 ms. Linux only. */
export const cpuMsOf = (pid: number): number => {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  // The name, in parentheses, may hold spaces.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) * 10
}

/** The largest resident size of another process so far, in bytes. Linux only. */
export const residentBytesMaxOf = (pid: number): number => {
  const line = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))
  return 1024 * Number(line![1])
}
