import type { Row } from './harness/row.ts'
import { accuracy } from './rows/accuracy.ts'
import { evaluator } from './rows/evaluator.ts'
import { folding } from './rows/folding.ts'
import { objectives } from './rows/objectives.ts'
import { replayEmbedded } from './rows/replay-embedded.ts'
import { restore } from './rows/restore.ts'
import { sink } from './rows/sink.ts'
import { verification } from './rows/verify.ts'

/** Every row, in the order of the table. */
export const rows: readonly Row[] = [
  folding,
  replayEmbedded,
  evaluator,
  objectives,
  sink,
  restore,
  verification,
  accuracy,
]
