import { parentPort } from 'node:worker_threads'
import type { SeedOrder } from './many-seeds.ts'
import { judge } from './verdict.ts'

/** Judges the seeds that it is sent, one after the other. */
parentPort?.on('message', ({ seed, twice }: SeedOrder) => {
  void judge(seed, { twice }).then((verdict) => parentPort?.postMessage(verdict))
})
