import { aggregatorFold, ledgerOf } from '@tidemark/aggregation'
import { inputSchemas } from '@tidemark/codec'
import { defaultLayout, type Layout, type RequestWindowClosed } from '@tidemark/model'
import { batchBytesAt, batchCrcMatches } from '@tidemark/wire'
import { tickAt } from '../folding-in-turn.ts'
import { measured } from '../harness/measured.ts'
import { storedWorkload } from './stored-workload.ts'
import type { LeftOut } from './left-out.ts'
import { startMs } from '../workload.ts'

// Folds a stored workload from nothing until all its windows are closed, without one of the things that the fold does; several times, the first
// time unmeasured. Says, besides what that took, how much of each of those things is in what came out. Arguments: what is left out, the file.

const [leftOut, file] = process.argv.slice(2) as [LeftOut, string]
const times = 4
const { events, pieces } = storedWorkload(file)
const end = pieces.at(-1)!.nextOffset
const layout: Layout = {
  ...defaultLayout,
  limits: { ...defaultLayout.limits, ...(leftOut === 'identity' && { identitiesPerWindow: 0 }) },
}

/** As a reader checks what a broker sent. */
const checkBatches = (bytes: Uint8Array): number => {
  let checked = 0
  for (let at = 0, length; (length = batchBytesAt(bytes, at)) !== 0; at += length) {
    if (!batchCrcMatches(bytes, at, length)) throw new Error('a batch fails its checksum')
    checked++
  }
  return checked
}

const fold = async () => {
  const rows: RequestWindowClosed[] = []
  const task = aggregatorFold({ layout, partition: 0, schemas: inputSchemas, checkpoint: null })
  let batchesChecked = 0
  const tick = tickAt(end, startMs + 3_600_000)
  const took = await measured(() => {
    for (const piece of [...pieces, tick]) {
      if (leftOut !== 'checksum') batchesChecked += checkBatches(piece.bytes)
      task.feed(piece)
      while (
        task.work(512, ({ event }) => {
          if (event.type === 'RequestWindowClosed') rows.push(event)
        })
      );
    }
  })
  const { ledger } = ledgerOf(task.checkpoint())[0]!
  return { ...took, rows, batchesChecked, ledgerEvents: ledger.events + ledger.aggregated }
}

await fold()
let [wallMs, cpuMs] = [0, 0]
let last = await fold()
for (let i = 1; i < times; i++) {
  wallMs += last.wallMs
  cpuMs += last.cpuMs
  last = await fold()
}
const { rows, batchesChecked, ledgerEvents } = last
const count = (isSo: (row: RequestWindowClosed) => boolean): number => rows.filter(isSo).length
console.log(
  JSON.stringify({
    ...{ events: events * times, wallMs: wallMs + last.wallMs, cpuMs: cpuMs + last.cpuMs },
    ...{ counted: rows.reduce((sum, { total }) => sum + total, 0), rows: rows.length },
    rowsWithIdentity: count(({ identityChecked }) => identityChecked),
    rowsWithOperations: count(({ operations }) => operations.length > 1),
    rowsWithEvidence: count(({ input }) => input.records > 0 && /[^0]/.test(input.digest)),
    ...{ ledgerEvents, batchesChecked },
  }),
)
