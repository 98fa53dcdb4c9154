import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { FencedError, type HostSpec } from '@tidemark/log'
import type { EpochMs } from '@tidemark/model'
import type { EmbeddedLogEvent } from './options.ts'
import { aborted } from './sleep.ts'
import { bytesOf, openWorld, provision, type World } from './testing/world.ts'

let world: World
beforeEach(() => {
  world = openWorld()
})
afterEach(() => world.end())

const spec: HostSpec = { processor: 'counter', topics: ['requests'], tasks: 1 }

const eventsOf = <K extends EmbeddedLogEvent['kind']>(
  events: readonly EmbeddedLogEvent[],
  kind: K,
) => events.filter((event): event is Extract<EmbeddedLogEvent, { kind: K }> => event.kind === kind)

class FatalError extends Error {
  readonly retriable = false
}

describe('a task that fails', () => {
  it('is taken up again later and later, until it has committed', async () => {
    const events: EmbeddedLogEvent[] = []
    const log = await world.open({ observe: (event) => void events.push(event) })
    await provision(log)
    const stop = new AbortController()
    let runs = 0
    await log.host(
      spec,
      async ({ commit }) => {
        runs++
        const checkpoint = new Map([['runs', bytesOf(`${runs}`)]])
        if (runs === 4) await commit({ outputs: [], checkpoint, positions: [] })
        if (runs === 5) stop.abort()
        else throw new FencedError(`run ${runs}`)
      },
      stop.signal,
    )
    const failed = eventsOf(events, 'task-failed')
    expect(failed.map(({ againInMs }) => againInMs)).toEqual([100, 200, 400, 100])
    expect(failed.map(({ error }) => error)).toEqual(
      [1, 2, 3, 4].map((run) => new FencedError(`run ${run}`)),
    )
  })

  it('for good is why its host fails, even if the log can no longer be left in order', async () => {
    const events: EmbeddedLogEvent[] = []
    const log = await world.open({ observe: (event) => void events.push(event) })
    await provision(log)
    const run = async (): Promise<void> => {
      const database = new DatabaseSync(world.file)
      database.exec('drop table member')
      database.close()
      throw new FatalError('of the task')
    }
    await expect(log.host(spec, run, new AbortController().signal)).rejects.toThrow(
      new FatalError('of the task'),
    )
    expect(eventsOf(events, 'trouble').map(({ what }) => what)).toContain('leaving counter')
  })
})

describe('a task that was lost', () => {
  it('is told of once, however long its run takes to return', async () => {
    const events: EmbeddedLogEvent[] = []
    const rounds = { sinceLost: 0, enough: Promise.withResolvers<undefined>() }
    // A member looks at the clock in every round.
    const clock = (): EpochMs => {
      if (eventsOf(events, 'lost').length > 0 && ++rounds.sinceLost === 5)
        rounds.enough.resolve(undefined)
      return Date.now() as EpochMs
    }
    const log = await world.open({ clock, observe: (event) => void events.push(event) })
    await provision(log)
    const stop = new AbortController()
    const started = Promise.withResolvers<undefined>()
    const deaf = log.host(
      spec,
      async () => {
        started.resolve(undefined)
        await rounds.enough.promise
        throw new FencedError('noticed at last')
      },
      stop.signal,
    )
    await started.promise
    // By the clock of this one, the lease of the other has run out.
    const ahead = await world.open({ clock: () => (Date.now() + 3_600_000) as EpochMs })
    const successor = ahead.host(spec, (_session, signal) => aborted(signal), stop.signal)
    await rounds.enough.promise
    stop.abort()
    await Promise.all([deaf, successor])
    expect(eventsOf(events, 'lost')).toEqual([{ kind: 'lost', processor: 'counter', tasks: [0] }])
  })
})
