import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'

const guard = join(import.meta.dirname, 'loop-guard.ts')

/** Runs text as a module in a process that has a guard of two seconds. */
const guarded = async (
  text: string,
  act: (pid: number) => void = () => undefined,
): Promise<{ signal: string | null; code: number | null; stderr: string }> => {
  const module = `
    import { guardLoop } from ${JSON.stringify(guard)}
    const guard = guardLoop({ limitMs: 2000, line: 'blocked at {time}\\n' })
    const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms))
    ${text}`
  const child = spawn(process.execPath, ['--input-type=module', '--eval', module], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let stderr = ''
  child.stderr.on('data', (bytes: Buffer) => (stderr += bytes.toString()))
  child.stdout.on('data', () => {
    act(child.pid!)
  })
  return new Promise((resolve) => {
    child.on('close', (code, signal) => {
      resolve({ code, signal, stderr })
    })
  })
}

describe('the guard of the event loop', () => {
  it('ends a process whose loop is blocked, and says so', async () => {
    const { signal, stderr } = await guarded('await sleep(100); for (;;);')
    expect(signal).toBe('SIGKILL')
    expect(stderr).toMatch(/^blocked at \d{4}-\d\d-\d\dT[\d:.]+Z\n$/)
  })

  it('leaves one alone that works in slices, and does not keep it from ending', async () => {
    const slices = `
      const endMs = performance.now() + 3500
      while (performance.now() < endMs) {
        const sliceMs = performance.now() + 200
        while (performance.now() < sliceMs);
        await sleep(0)
      }`
    expect(await guarded(slices)).toEqual({ code: 0, signal: null, stderr: '' })
  })

  it('leaves one alone that was stopped for longer', async () => {
    const stop = (pid: number): void => {
      process.kill(pid, 'SIGSTOP')
      setTimeout(() => process.kill(pid, 'SIGCONT'), 4000)
    }
    const outcome = await guarded(
      `await sleep(1000); console.log('up'); await sleep(5000); await guard.close()`,
      stop,
    )
    expect(outcome).toEqual({ code: 0, signal: null, stderr: '' })
  })
})
