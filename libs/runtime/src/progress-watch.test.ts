import { describe, expect, it } from '@jest/globals'
import { progressWatch, type WatchedWork } from './progress-watch.ts'
import { runningTime } from './running-time.ts'

const work = (progress: number, isBehind = true): WatchedWork => ({
  name: 'sink/0',
  isBehind,
  progress,
})

describe('the progress watch', () => {
  it('adds up the time in which work that is behind finishes nothing', () => {
    const watch = progressWatch()
    expect(watch.look(1000, [work(1)])).toBeNull()
    expect(watch.look(1000, [work(1)])).toEqual({ name: 'sink/0', stalledMs: 1000 })
    expect(watch.look(500, [work(1)])).toEqual({ name: 'sink/0', stalledMs: 1500 })
  })

  it('begins anew with every progress, and while there is nothing to do', () => {
    const watch = progressWatch()
    watch.look(1000, [work(1)])
    watch.look(1000, [work(1)])
    expect(watch.look(1000, [work(2)])).toBeNull()
    watch.look(1000, [work(2)])
    expect(watch.look(1000, [work(2, false)])).toBeNull()
    expect(watch.look(1000, [work(2)])).toEqual({ name: 'sink/0', stalledMs: 1000 })
  })

  it('forgets work that is given up, and names the one that waits longest', () => {
    const watch = progressWatch()
    const other = { ...work(1), name: 'sink/1' }
    watch.look(1000, [work(1)])
    watch.look(1000, [work(1), other])
    expect(watch.look(1000, [other, work(1)])).toEqual({ name: 'sink/0', stalledMs: 2000 })
    expect(watch.look(1000, [other])).toEqual({ name: 'sink/1', stalledMs: 2000 })
    expect(watch.look(1000, [work(1)])).toBeNull()
  })
})

it('counts little of the time in which the process was stopped', () => {
  let nowMs = 0
  const { elapsedMs } = runningTime(1000, () => nowMs)
  const after = (ms: number): number => {
    nowMs += ms
    return elapsedMs()
  }
  expect([after(1000), after(1100), after(8 * 3_600_000), after(900)]).toEqual([
    ...[1000, 1100, 2000, 900],
  ])
})
