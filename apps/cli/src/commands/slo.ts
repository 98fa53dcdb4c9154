import { hourOf, hourUs, sloFigures, sloFiguresJson, sloText } from '@tidemark/evaluation'
import { UsageError, type CommandContext, type ExitCode, type JsonOptions } from '../context.ts'
import { integerIn } from '../integers.ts'
import { withStore } from '../open.ts'
import { painterOn } from '../terminal.ts'

export type SloOptions = JsonOptions & { readonly service?: string; readonly hours: string }

/** As long as hours are kept. */
const hoursMax = 62 * 24

/** Objectives: where they stand, how fast their budgets go, and how long they last. */
export const slo = (options: SloOptions, { terminal }: CommandContext): Promise<ExitCode> => {
  const count = integerIn('--hours', options.hours, 1, hoursMax)
  return withStore<ExitCode>(options, async (store) => {
    const services = (await store.assessments()).filter(
      ({ service }) => options.service === undefined || service === options.service,
    )
    if (services.length === 0 && options.service !== undefined)
      throw new UsageError(`--service: nothing was judged of ${JSON.stringify(options.service)}`)
    const newestUs = services.reduce((us, { windowEndUs }) => Math.max(us, windowEndUs), 0)
    const hours = await store.sloHours({
      service: options.service ?? null,
      // A day is needed for what is burned per day, however short the sparkline.
      fromUs: Math.max(0, hourOf(newestUs) - Math.max(count, 24) * hourUs),
      toUs: newestUs,
    })
    const ofService = Map.groupBy(hours, ({ service }) => service)
    const objectives = services.flatMap((assessed) =>
      sloFigures(assessed, ofService.get(assessed.service) ?? [], count),
    )
    if (options.json === true)
      for (const figures of objectives) terminal.out(JSON.stringify(sloFiguresJson(figures)))
    else
      terminal.out(
        sloText(objectives, {
          width: terminal.outIsTerminal ? terminal.columns() : 200,
          unicode: terminal.unicode,
          paint: painterOn(terminal),
        }).trimEnd(),
      )
    return 0
  })
}
