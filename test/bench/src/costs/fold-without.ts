import { join } from 'node:path'
import { ownProcess } from '../harness/own-process.ts'
import type { Run } from '../harness/row.ts'
import { leftOuts, type LeftOut } from './left-out.ts'

/** Folds a stored workload, in a process of its own, without one of the things that the fold does; nothing else may be missing in what comes out. */
export const foldWithout = async (leftOut: LeftOut, file: string, events: number): Promise<Run> => {
  const run = await ownProcess({
    script: '../costs/folding-without.ts',
    args: [leftOut, file],
    nodeOptions: ['--import', join(import.meta.dirname, './leave-out.ts')],
  })
  check(run, leftOut, events)
  return run
}

/** What of a run tells that a thing was done. */
const tracesOf: Readonly<Record<Exclude<LeftOut, 'nothing'>, string>> = {
  identity: 'rowsWithIdentity',
  operations: 'rowsWithOperations',
  ledger: 'ledgerEvents',
  evidence: 'rowsWithEvidence',
  checksum: 'batchesChecked',
}

/** Everything but what is left out was done, and all events are in closed windows. */
const check = (run: Run, leftOut: LeftOut, events: number): void => {
  if (run.counted !== events) throw new Error(`${events} events, ${run.counted} in closed windows`)
  for (const part of parts) {
    const isDone = run[tracesOf[part]]! > 0
    if (isDone === (part === leftOut))
      throw new Error(`without ${leftOut}: ${part} was ${isDone ? '' : 'not '}done`)
  }
}

const parts = leftOuts.filter((it) => it !== 'nothing')
