import { parentPort } from 'node:worker_threads'
import { judge } from './verdict.ts'

/** Judges the seeds that it is sent, one after the other. */
parentPort?.on('message', (seed: number) => {
  void judge(seed).then((verdict) => parentPort?.postMessage(verdict))
})
