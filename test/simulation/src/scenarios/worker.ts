import { parentPort } from 'node:worker_threads'
import { verdictOn } from './verdict.ts'

/** Judges the seeds that it is sent, one after the other. */
parentPort?.on('message', (seed: number) => {
  void verdictOn(seed).then((verdict) => parentPort?.postMessage(verdict))
})
