import { violationsOf } from '../invariants/check.ts'
import { evidenceOfFaultRun } from '../invariants/of-fault-run.ts'
import type { FaultClass, Sighting } from './fault-classes.ts'
import type { Exit, FaultRun } from './run.ts'
import type { Sabotage } from './sabotage.ts'
import { simulate } from './simulate.ts'

/** What is to be said of a seed. */
export type Verdict = {
  readonly seed: number
  readonly digest: string
  /** What is wrong with the run, each in a line; empty: nothing. */
  readonly complaints: readonly string[]
  readonly faults: Readonly<Record<FaultClass, number>>
  readonly sightings: Readonly<Record<Sighting, number>>
}

/** How to run a seed again that failed, in one line; null: it did not. */
export const failureLine = ({
  seed,
  complaints,
}: Pick<Verdict, 'seed' | 'complaints'>): string | null => {
  const [first, ...others] = complaints
  if (first === undefined) return null
  const what = first.replaceAll(/\s+/g, ' ').slice(0, 300)
  const more = others.length === 0 ? '' : ` (and ${others.length} more)`
  return `seed ${seed} failed: npm run simulate:faults -- --seeds 1 --from ${seed} # ${what}${more}`
}

/** Runs a seed, looks at what it led to, and runs it once more: the same must come of it. */
export const judge = async (
  seed: number,
  { twice = true, sabotage }: { readonly twice?: boolean; readonly sabotage?: Sabotage } = {},
): Promise<Verdict> => {
  const run = await simulate(seed, sabotage)
  try {
    const { digest, faults, sightings } = run
    const complaints = await complaintsAbout(run).catch((error: unknown) => [brokenCheck(error)])
    const again = twice ? await digestOf(seed, sabotage) : digest
    if (again !== digest) complaints.push('the same seed led to other bytes when it was run again')
    return { seed, digest, complaints, faults, sightings }
  } finally {
    await run.close()
  }
}

const digestOf = async (seed: number, sabotage: Sabotage | undefined): Promise<string> => {
  const run = await simulate(seed, sabotage)
  await run.close()
  return run.digest
}

const complaintsAbout = async (run: FaultRun): Promise<string[]> => {
  const { liveness, lastFault, loadEnded, exits } = run
  const complaints = exits.filter(isFatal).map(lineOf)
  if (lastFault !== null && lastFault.order > loadEnded.order)
    complaints.push('the load ended before the last fault')
  // Where nothing came to rest, nobody can say what should be there.
  if (liveness.kind === 'stuck') return [...complaints, `no convergence: ${liveness.what}`]
  const found = await violationsOf(await evidenceOfFaultRun(run))
  return [...complaints, ...found.map(({ invariant, what }) => `${invariant}: ${what}`)]
}

const brokenCheck = (error: unknown): string =>
  `the checks themselves failed: ${error instanceof Error ? (error.stack ?? error.message).split('\n', 4).join(' ') : String(error)}`

/** Errors that may pass end a program as well, when they strike while it starts. */
const isFatal = ({ error }: Exit): boolean =>
  !(error instanceof Error && 'retriable' in error && error.retriable === true)

const lineOf = ({ process, error }: Exit): string => {
  const what = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
  return `${process} ended by an error that will not pass: ${what}`
}
