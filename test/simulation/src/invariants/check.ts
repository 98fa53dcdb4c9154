import { checkBounds } from './bounds.ts'
import { checkByOracle } from './by-oracle.ts'
import { checkConservation } from './conservation.ts'
import { checkEpisodes } from './episodes.ts'
import type { Evidence } from './evidence.ts'
import { checkJournal } from './journal.ts'
import { derivedEventsOf } from './derived-events.ts'
import { checkMarks } from './marks.ts'
import { judgedRunOf, type ReadRun } from './judged-run.ts'
import { checkBalances, checkLedgers } from './ledgers.ts'
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
    ...checkOutputs(run),
    ...(await checkRestores(run)),
    ...checkSameBytes(run),
    ...checkOwners(run),
    ...checkStore(run),
    ...checkRejections(run),
    ...checkByOracle(run),
  ]
}

/**
 * What is wrong with the derived topics and the store by themselves, whatever the inputs were (I2, I3, I4, I7, I9, I11): for runs that
 * are too large for the oracle.
 */
export const contradictionsIn = (evidence: Evidence): readonly Violation[] => {
  const run = { evidence, events: derivedEventsOf(evidence) }
  return [...checkOutputs(run), ...checkStore(run)]
}

const checkOutputs = (run: ReadRun): readonly Violation[] => [
  ...checkBalances(run),
  ...checkConservation(run),
  ...checkRepeats(run),
  ...checkEpisodes(run),
  ...checkMarks(run),
  ...checkBounds(run),
]
