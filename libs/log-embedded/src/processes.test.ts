import { hostname } from 'node:os'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import type { Offset } from '@tidemark/model'
import type { EmbeddedLog } from './embedded-log.ts'
import {
  openWorld,
  provision,
  readAll,
  textOf,
  type Child,
  type Said,
  type World,
} from './testing/world.ts'

let world: World
beforeEach(() => {
  world = openWorld()
})
afterEach(() => world.end())

type Acknowledged = {
  readonly partition: number
  readonly baseOffset: number
  readonly values: readonly string[]
}

const acknowledged = (children: readonly Child[]): readonly Acknowledged[] =>
  children.flatMap(({ said }) => said as readonly (Said & Acknowledged)[])

/** What was acknowledged is there, where it was said to be; nothing is there in part; stamps never go back. */
const expectAll = async (log: EmbeddedLog, acks: readonly Acknowledged[]): Promise<void> => {
  for (const partition of [0, 1]) {
    const records = await readAll(log, 'requests', partition)
    expect(records.map(({ offset }) => offset)).toEqual(records.map((_, i) => i))
    const stamps = records.map(({ timestampMs }) => timestampMs)
    expect(stamps.toSorted((a, b) => a - b)).toEqual(stamps)
    for (const { baseOffset, values } of acks.filter((ack) => ack.partition === partition))
      expect(
        records.slice(baseOffset, baseOffset + values.length).map(({ value }) => value),
      ).toEqual(values)
    expectWholeAppends(records.map(({ value }) => value))
  }
}

/** Values are `name/append/index`: the indexes of each append follow one another, from 0 to its last. */
const expectWholeAppends = (values: readonly string[]): void => {
  for (let at = 0; at < values.length;) {
    const [name, append] = values[at]!.split('/')
    const count = 1 + ((Number(append) * 7) % 40)
    expect(values.slice(at, at + count)).toEqual(
      Array.from({ length: count }, (_, i) => `${name}/${append}/${i}`),
    )
    at += count
  }
}

describe('a process that is killed', () => {
  it('leaves all that was acknowledged, and nothing in part', async () => {
    const log = await world.open()
    await provision(log)
    const children: Child[] = []
    for (const appends of [3, 40, 7, 150, 90, 1, 260, 23]) {
      const child = world.start('append', `child ${children.length}`)
      children.push(child)
      await child.until(appends)
      await child.kill()
      // A new client finds the file as the crash left it; the one that is open goes on.
      await expectAll(await world.open(), acknowledged(children))
    }
    await expectAll(log, acknowledged(children))
    expect(acknowledged(children).length).toBeGreaterThanOrEqual(574)
  })

  it('leaves outputs and checkpoint of the same commit, and its task to the next one at once', async () => {
    const log = await world.open()
    await provision(log)
    let last = { epoch: 0, count: 0 }
    for (const commits of [2, 60, 11, 130, 35]) {
      const child = world.start('commit')
      await child.until(commits)
      const [taken] = child.said as unknown as readonly (typeof last)[]
      // Nothing but the predecessor's death frees the task: its lease lasts an hour.
      expect(taken!.epoch).toBe(last.epoch + 1)
      expect(taken!.count).toBeGreaterThanOrEqual(last.count)
      await child.kill()
      const outputs = await readAll(log, 'alerts')
      expect(outputs.map(({ value }) => value)).toEqual(outputs.map((_, i) => `${i}`))
      const [state] = await log.checkpoints('counter', 1)
      expect(textOf(state!.checkpoint!.get('count')!)).toBe(`${outputs.length}`)
      expect(state!.checkpoint!.get('large')![0]).toBe(outputs.length % 256)
      last = child.said.at(-1) as typeof last
      expect(outputs.length).toBeGreaterThanOrEqual(last.count)
    }
  })

  it('owns its task for everybody to see, and nothing after its death', async () => {
    const log = await world.open()
    await provision(log)
    const child = world.start('commit')
    await child.until(1)
    const owners = await log.owners('counter')
    expect(owners).toMatchObject([{ task: 0, pid: child.pid, host: hostname() }])
    await child.kill()
    expect(await log.owners('counter')).toEqual([])
  })

  it('is replaced by a member that waits in another process', async () => {
    const log = await world.open()
    await provision(log)
    const child = world.start('commit')
    await child.until(1)
    const stop = new AbortController()
    const started: number[] = []
    const spec = { processor: 'counter', topics: ['requests'], tasks: 1 } as const
    const hosting = log.host(
      spec,
      async ({ epoch }) => {
        started.push(epoch)
        stop.abort()
      },
      stop.signal,
    )
    await child.until(30)
    expect(started).toEqual([])
    await child.kill()
    await hosting
    expect(started).toEqual([2])
  })
})

describe('several processes', () => {
  it('append at once, in whole appends and the order of each', async () => {
    const log = await world.open()
    await provision(log)
    const children = ['a', 'b', 'c'].map((name) => world.start('append', name))
    await Promise.all(children.map((child) => child.until(120)))
    for (const child of children) await child.kill()
    await expectAll(log, acknowledged(children))
    for (const child of children) {
      const own = acknowledged([child]).filter(({ partition }) => partition === 0)
      const offsets = own.map(({ baseOffset }) => baseOffset)
      expect(offsets.toSorted((a, b) => a - b)).toEqual(offsets)
    }
  })

  it('see at once what another one writes', async () => {
    const log = await world.open()
    await provision(log)
    const fromOffset = 0 as Offset
    const reading = log.read({ topic: 'requests', partition: 0, fromOffset, maxWaitMs: 3_600_000 })
    world.start('append')
    expect((await reading).nextOffset).toBeGreaterThan(0)
  })
})
