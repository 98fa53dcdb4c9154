import { runApp } from '@tidemark/assembly'
import { apps } from '@tidemark/cli'
import { tidemark } from '@tidemark/e2e'
import { openSqlite, openStore } from '@tidemark/store'
import { consoleLog } from './console-log.ts'
import { wrongIn } from './checks.ts'
import { isBusy, untilBusy } from './faults/recovery.ts'
import { replicated } from './faults/brokers.ts'
import { readJournal } from './journal.ts'
import { tallyOf, type Tally } from './tally.ts'
import { within } from './waiting.ts'
import { openWorld, type World } from './world.ts'

/** What came of breaking a live system. */
export type Trial = {
  readonly tally: Tally
  /** Differences from what the invariants say; empty when there is none. */
  readonly wrong: readonly string[]
  /** Workers that ended with an error of their own. */
  readonly gaveUp: readonly string[]
  readonly acked: number
  /** Whether load and processors were at work when the last fault was over. */
  readonly wasBusy: boolean
}

export type TrialOptions = {
  readonly seed: number
  readonly floors: Readonly<Record<string, number>>
  readonly disturb: (world: World) => Promise<void>
  readonly note: (line: string) => void
}

/** Runs a live system, disturbs it, lets it come to rest and looks at what is there. */
export const trial = async ({ seed, floors, disturb, note }: TrialOptions): Promise<Trial> => {
  const tally = tallyOf(floors)
  const world = await openWorld({ seed, tally, note })
  try {
    const began = await within(startMsMax, () => isBusy(world))
    if (!began) throw new Error(`nothing goes on ${startMsMax} ms after the start`)
    note('at work')
    await disturb(world)
    const wasBusy = await untilBusy(world)
    const acked = world.load.acked()
    await replicated(world)
    await comeToRest(world)
    note('at rest')
    const wrong = [...(await differences(world)), ...(await replayed(world))]
    return { tally, wrong, gaveUp: world.gaveUp, acked, wasBusy }
  } finally {
    await world.close()
  }
}

const startMsMax = 150_000

/** Ends the load, then the workers when its windows have closed, then works off what is left. */
const comeToRest = async (world: World): Promise<void> => {
  const { layout, log, files, fleet, load } = world
  await load.finish()
  const closedMs =
    Date.now() + (layout.windowUs + layout.graceUs) / 1000 + 2 * layout.tickIntervalMs
  await within(restMsMax, () => Date.now() > closedMs)
  await fleet.stop()
  const never = new AbortController().signal
  for (const app of apps)
    await runApp(app, { log, layout, store: files.store }, { untilCaughtUp: true }, never)
}

const restMsMax = 60_000

const differences = async (world: World): Promise<readonly string[]> => {
  const { layout, log, cluster, files, note } = world
  const topics = await consoleLog(cluster.brokers, layout, log)
  note('read by the console consumer')
  const store = await openStore(openSqlite(files.store, { readOnly: true }), { readOnly: true })
  try {
    return await wrongIn({ journal: readJournal(files.journal), topics, log, store, layout })
  } finally {
    await store.close()
  }
}

/** I12: the inputs in an empty folder, left alone, give the same bytes. */
const replayed = async ({ cluster, layout, files, note }: World): Promise<readonly string[]> => {
  const address = ['--brokers', cluster.brokers.join(','), '--prefix', layout.prefix]
  const { code, stdout, stderr } = await tidemark(files.folder, [
    ...['replay', ...address, '--into', 'replayed', '--json'],
  ])
  note('replayed')
  return code === 0 ? [] : [`I12: replay ended with ${code}: ${stdout} ${stderr}`]
}
