import { checkBounds } from './bounds.ts'
import { checkByOracle } from './by-oracle.ts'
import { checkConservation } from './conservation.ts'
import { checkEpisodes } from './episodes.ts'
import type { Evidence } from './evidence.ts'
import { checkJournal } from './journal.ts'
import { judgedRunOf } from './judged-run.ts'
import { checkLedgers } from './ledgers.ts'
import { checkOwners } from './owners.ts'
import { checkRejections } from './rejections.ts'
import { checkRepeats } from './repeats.ts'
import { checkRestores } from './restores.ts'
import { checkSameBytes } from './same-bytes.ts'
import { checkStore } from './stored-rows.ts'
import type { Violation } from './violation.ts'

/** Every way in which a run broke an invariant, I1 to I12; empty when nothing is wrong, as far as anybody could observe. */
export const violationsOf = async (evidence: Evidence): Promise<readonly Violation[]> => {
  const run = await judgedRunOf(evidence)
  return [
    ...checkJournal(run),
    ...checkLedgers(run),
    ...checkConservation(run),
    ...checkRepeats(run),
    ...(await checkRestores(run)),
    ...checkSameBytes(run),
    ...checkEpisodes(run),
    ...checkOwners(run),
    ...checkStore(run),
    ...checkRejections(run),
    ...checkBounds(run),
    ...checkByOracle(run),
  ]
}
