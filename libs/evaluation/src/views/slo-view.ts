import { isoOf } from '@tidemark/model'
import { durationText, multipleText, permilleText, spanText } from '../format.ts'
import { permille, type Ratio } from '../slo/budget.ts'
import { sectionLines, sectionOf, unpainted, type ColumnOf, type Painter } from './section.ts'
import { severityTone } from './sections/alerts.ts'
import { budgetColumns, isMissed } from './sections/objectives.ts'
import { sloJson } from './row-json.ts'
import { burnOf, hourOf, hourUs, type BurnFigures, type SloFigures } from './slo-figures.ts'
import { sparkline } from './sparkline.ts'
import { absentText } from './text-table.ts'

/** An objective as `tidemark slo --json` prints it: shares in parts per million, burns in thousandths, rounded down. */
export const sloFiguresJson = (figures: SloFigures) => ({
  service: figures.service,
  asOf: isoOf(figures.asOfUs),
  ...sloJson(figures.state),
  lastDay: figures.lastDay,
  budgetBurnedPerDayPpm: scaled(figures.burnedPerDay, 1_000_000n),
  exhaustedInUs: figures.lastsUs,
  burns: figures.burns.map(({ long, short, ...burn }) => ({
    severity: burn.severity,
    longUs: burn.longUs,
    shortUs: burn.shortUs,
    longMilli: scaled(long, 1000n),
    shortMilli: scaled(short, 1000n),
    isBurning: burn.isBurning,
  })),
  hours: figures.hours.map(({ valid, bad }, at) => ({
    start: isoOf(hourOf(figures.asOfUs) - (figures.hours.length - 1 - at) * hourUs),
    valid,
    bad,
  })),
})

const scaled = (ratio: Ratio | null, unit: bigint): number | null =>
  ratio && Number((ratio.part * unit) / ratio.whole)

/**
 * Objectives as a table: where each stands, what is left of its budget, how fast that goes, and how it went by the hour. Ends with a line
 * break.
 */
export const sloText = (
  objectives: readonly SloFigures[],
  options: { readonly width: number; readonly unicode: boolean; readonly paint?: Painter },
): string => {
  const { width, unicode, paint = unpainted } = options
  if (objectives.length === 0) return 'No objectives: services that are registered have some\n'
  const missed = objectives.filter(({ state }) => isMissed(state)).length
  const judged = objectives.filter(({ state }) => state.counts.valid > 0).length
  const section = sectionOf({
    name: 'objectives',
    title: `${judged} of ${objectives.length} objectives have events; ${missed === 0 ? 'none is missed' : `${missed} missed`}`,
    columns: [...leadingColumns, ...burnColumns(objectives), ...endColumns(unicode)],
    rows: objectives,
    rowsMax: Number.MAX_SAFE_INTEGER,
    noun: 'objective',
  })
  return `${sectionLines(section, width, paint).join('\n')}\n`
}

const leadingColumns: readonly ColumnOf<SloFigures>[] = [
  ...budgetColumns('LEFT'),
  {
    title: 'A DAY',
    align: 'right',
    text: ({ burnedPerDay }) =>
      burnedPerDay === null ? absentText : permilleText(0 - permille(burnedPerDay)),
  },
  { title: 'LASTS', align: 'right', text: lastsText, tone: lastsTone },
]

function lastsText({ lastsUs, burnedPerDay }: SloFigures): string {
  if (burnedPerDay === null) return absentText
  if (lastsUs === null) return 'long'
  return lastsUs === 0 ? 'spent' : spanText(lastsUs)
}

const dayUs = 24 * hourUs

function lastsTone({ lastsUs }: SloFigures): 'bad' | 'poor' | null {
  if (lastsUs === null || lastsUs >= 7 * dayUs) return null
  return lastsUs < dayUs ? 'bad' : 'poor'
}

/** A column for each pair of windows that any of them has, dropped before the sparkline where there is little room. */
const burnColumns = (objectives: readonly SloFigures[]): readonly ColumnOf<SloFigures>[] => {
  const pairs = new Map(
    objectives.flatMap(({ burns }) => burns.map((burn) => [pairText(burn), burn] as const)),
  )
  return [...pairs.values()]
    .toSorted((a, b) => a.longUs - b.longUs || a.shortUs - b.shortUs)
    .map((pair): ColumnOf<SloFigures> => {
      const burnIn = ({ burns }: SloFigures): BurnFigures | undefined =>
        burns.find((burn) => pairText(burn) === pairText(pair))
      return {
        title: pairText(pair),
        align: 'right',
        drop: 2,
        text: (figures) => burnPairText(burnIn(figures)),
        tone: (figures) => {
          const burn = burnIn(figures)
          return burn?.isBurning === true ? severityTone(burn.severity) : null
        },
      }
    })
}

const pairText = ({ longUs, shortUs }: BurnFigures): string =>
  `${durationText(longUs)}/${durationText(shortUs)}`

/** `14.4x/15.1x`, with a mark where both burn too fast. */
const burnPairText = (burn: BurnFigures | undefined): string => {
  if (burn === undefined || (burn.long === null && burn.short === null)) return absentText
  const [long, short] = [burn.long, burn.short].map((ratio) =>
    ratio === null ? absentText : multipleText(ratio.part, ratio.whole),
  )
  return `${long ?? ''}/${short ?? ''}${burn.isBurning === true ? '!' : ''}`
}

const endColumns = (unicode: boolean): readonly ColumnOf<SloFigures>[] => [
  {
    title: 'BURNS',
    text: ({ state }) => state.burning ?? absentText,
    tone: ({ state }) => (state.burning === null ? null : severityTone(state.burning)),
  },
  {
    title: 'LAST HOURS',
    drop: 1,
    text: ({ hours, state }) =>
      sparkline(
        hours.map((hour) => {
          const burn = burnOf(hour, state.targetPpm)
          return burn && Number((burn.part * 1000n) / burn.whole) / 1000
        }),
        { full: 2, unicode },
      ),
  },
]
