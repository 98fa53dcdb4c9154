import { Worker } from 'node:worker_threads'

/** Watches the event loop from a thread beside it, since a loop that is blocked cannot watch itself. */
export type LoopGuard = { readonly close: () => Promise<void> }

export type LoopGuardOptions = {
  /** How long the loop may be blocked. Time in which the whole process is stopped does not count. */
  readonly limitMs: number
  /** The log line that says why the process ends, with `{time}` in place of the time; written to file descriptor 2. */
  readonly line: string
}

const beatMs = 500

/** Ends the process by SIGKILL, after it has said why, when its event loop is blocked for too long: nothing milder reaches it then. */
export const guardLoop = ({ limitMs, line }: LoopGuardOptions): LoopGuard => {
  const beats = new Int32Array(new SharedArrayBuffer(4))
  const timer = setInterval(() => void Atomics.add(beats, 0, 1), beatMs)
  timer.unref()
  const worker = new Worker(guardSource, {
    eval: true,
    workerData: { beats, limitMs, line, beatMs },
    // Nothing of the process's own flags concerns it.
    execArgv: [],
    stdout: false,
    stderr: false,
  })
  worker.unref()
  // Without a guard the process still works.
  worker.on('error', () => undefined)
  return {
    close: async () => {
      clearInterval(timer)
      await worker.terminate()
    },
  }
}

/** As text, so that the bundles need no second file. */
const guardSource = `
const { workerData } = require('node:worker_threads')
const { writeSync } = require('node:fs')
const { beats, limitMs, line, beatMs } = workerData
let seen = -1
let blockedMs = 0
let lookedMs = performance.now()
setInterval(() => {
  const nowMs = performance.now()
  // A longer gap between two looks means that the process was stopped, and with it the loop.
  blockedMs += Math.min(nowMs - lookedMs, 2 * beatMs)
  lookedMs = nowMs
  const beat = Atomics.load(beats, 0)
  if (beat !== seen) blockedMs = 0
  seen = beat
  if (blockedMs < limitMs) return
  try {
    writeSync(2, line.replace('{time}', new Date().toISOString()))
  } finally {
    process.kill(process.pid, 'SIGKILL')
  }
}, beatMs)
`
