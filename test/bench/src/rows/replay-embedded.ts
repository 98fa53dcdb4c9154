import { cpSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fillingText, fillLog, type Filling } from '../filled-log.ts'
import { ownProcess } from '../harness/own-process.ts'
import type { Row, Run, Side } from '../harness/row.ts'

// From the pages of SQLite to committed windows: the aggregator over a log that is full already.

const singles = 4_000_000
const batched = 40_000_000

const sidesOf = (folder: string, { kind, events }: Filling): readonly Side[] => {
  const replay = async (): Promise<Run> => {
    const copy = `${folder}-copy`
    cpSync(folder, copy, { recursive: true })
    try {
      return await ownProcess({
        script: '../processes/replaying.ts',
        args: [copy, String(events)],
      })
    } finally {
      rmSync(copy, { recursive: true })
    }
  }
  const read = (): Promise<Run> =>
    ownProcess({ script: '../baselines/bare-read.ts', args: [folder, String(events)] })
  return [
    { name: kind, run: replay },
    { name: `${kind}, bare read`, run: read },
  ]
}

export const replayEmbedded: Row = {
  name: 'replay-embedded',
  title: 'Replay of the embedded log',
  promises: [
    {
      ...{ what: 'events per CPU-second', side: 'single', figure: 'eventsPerCpuSecond' },
      goal: { atLeast: 2_500_000 },
    },
    {
      ...{ what: 'events per CPU-second', side: 'batched', figure: 'eventsPerCpuSecond' },
      goal: { atLeast: 15_000_000 },
    },
    ...(['single', 'batched'] as const).map((side) => ({
      ...{ what: 'CPU time', side, figure: 'cpuNsPerEvent', against: `${side}, bare read` },
    })),
  ],
  open: async ({ folder, scale, seed, note }) => {
    const fillings: readonly Filling[] = [
      { kind: 'single', events: singles * scale, seed },
      { kind: 'batched', events: batched * scale, seed },
    ]
    for (const filling of fillings) {
      note(`filling a log with ${fillingText(filling)}`)
      await fillLog(join(folder, filling.kind), filling)
    }
    return {
      conditions: `${fillings.map(fillingText).join('; ')}; a process of its own for each repetition, default commits, exactly once`,
      sides: fillings.flatMap((filling) => sidesOf(join(folder, filling.kind), filling)),
    }
  },
}
