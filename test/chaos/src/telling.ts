import { writeSync } from 'node:fs'

/** Says something to whoever started this process: a line of JSON on standard output, at once, so that a kill does not swallow it. */
export const say = (something: object): void => {
  try {
    writeSync(1, `${JSON.stringify(something)}\n`)
  } catch {
    // Nobody reads, or the pipe is full for the moment: what is said is for watching only.
  }
}

/** Ends this process when the one that started it is gone, however that ended. */
export const endWithParent = (): void => {
  process.stdin.on('close', () => process.kill(process.pid, 'SIGKILL')).resume()
  // Listening alone is no reason to stay.
  if ('unref' in process.stdin) process.stdin.unref()
}
