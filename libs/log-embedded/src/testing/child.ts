import type { TaskSession } from '@tidemark/log'
import { openEmbeddedLog } from '../embedded-log.ts'
import { aborted } from '../sleep.ts'

// A process beside the test's: `node child.ts append|commit FOLDER NAME`. Says what it has done, one line of JSON each, until it is killed.

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)
const say = (what: object): void => void process.stdout.write(`${JSON.stringify(what)}\n`)

const partitions = 2
const appendsAtOnce = 6

/** Appends to both partitions without end, several at a time, of 1 to 40 entries. */
const append = async (folder: string, name: string): Promise<void> => {
  const log = await openEmbeddedLog({ folder })
  const publisher = await log.publisher()
  const lane = async (laneNumber: number): Promise<void> => {
    for (let i = laneNumber; ; i += appendsAtOnce) {
      const values = Array.from({ length: 1 + ((i * 7) % 40) }, (_, j) => `${name}/${i}/${j}`)
      const partition = i % partitions
      const { baseOffset } = await publisher.append(
        'requests',
        partition,
        values.map((value) => ({ key: null, value: bytesOf(value) })),
      )
      say({ partition, baseOffset, values })
    }
  }
  await Promise.all(Array.from({ length: appendsAtOnce }, (_, i) => lane(i)))
}

/** Owns the only task of a processor and commits one output after the other, with their number as its state. */
const commit = async (folder: string): Promise<void> => {
  // A lease so long that nobody waits for its end: only the death of its process frees the task.
  const log = await openEmbeddedLog({ folder, leaseMs: 3_600_000 })
  const run = async ({ epoch, checkpoint, commit: save }: TaskSession): Promise<void> => {
    const saved = checkpoint?.get('count')
    let count = saved === undefined ? 0 : Number(new TextDecoder().decode(saved))
    say({ epoch, count })
    for (;;) {
      const value = bytesOf(`${count}`)
      count++
      const state = new Map([
        ['count', bytesOf(`${count}`)],
        ['large', new Uint8Array(100_000).fill(count)],
      ])
      const output = { topic: 'alerts', partition: 0, key: null, value } as const
      await save({ outputs: [output], checkpoint: state, positions: [] })
      say({ epoch, count })
    }
  }
  const forever = new AbortController().signal
  await log.host({ processor: 'counter', topics: ['requests'], tasks: 1 }, run, forever)
  await aborted(forever)
}

const [what, folder, name] = process.argv.slice(2) as [string, string, string]
await (what === 'append' ? append(folder, name) : commit(folder))
