import type { Row } from './harness/row.ts'
import { accuracy } from './rows/accuracy.ts'
import { folding } from './rows/folding.ts'
import { replayEmbedded } from './rows/replay-embedded.ts'

/** Every row, in the order of the table. */
export const rows: readonly Row[] = [folding, replayEmbedded, accuracy]
