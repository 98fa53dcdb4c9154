import { readFileSync } from 'node:fs'
import { openEmbeddedLog } from '@tidemark/log-embedded'
import { layoutRecord } from '@tidemark/codec'
import { defaultLayout, type Offset } from '@tidemark/model'

// Writes to an embedded log, one after the other, for whoever counts the system calls. The outputs of a commit are as many and as large as the
// records of an append. Prints
// one line of JSON: its calls that read and write, and the bytes written. Run: node embedded-writes.ts FOLDER appends|commits COUNT

const [folder, kind, count] = process.argv.slice(2)
const values = Array.from({ length: 100 }, (_, i) => Buffer.alloc(150, i))
const layout = { ...defaultLayout, partitions: 1 }

const log = await openEmbeddedLog({ folder: folder! })
await log.provision(layout, layoutRecord(layout))
if (kind === 'appends') {
  const publisher = await log.publisher()
  const entries = values.map((value) => ({ key: null, value }))
  for (let i = 0; i < Number(count); i++) await publisher.append('requests', 0, entries)
  await publisher.close()
} else {
  const done = new AbortController()
  const spec = { processor: 'aggregator', topics: ['requests'], tasks: 1 } as const
  const outputs = values.map(
    (value) => ({ topic: 'aggregates', partition: 0, key: null, value }) as const,
  )
  await log.host(
    spec,
    async (session) => {
      for (let i = 0; i < Number(count); i++) {
        const checkpoint = new Map([['position', Buffer.from(`position ${i}`)]])
        const positions = [
          { topic: 'requests', partition: 0, position: 0 as Offset, from: 0 as Offset },
        ] as const
        await session.commit({ outputs, checkpoint, positions })
      }
      done.abort()
    },
    done.signal,
  )
}
await log.close()
const io = readFileSync('/proc/self/io', 'utf8')
const valueOf = (name: string): number => Number(new RegExp(`${name}: (\\d+)`).exec(io)![1])
console.log(
  JSON.stringify({ reads: valueOf('syscr'), writes: valueOf('syscw'), bytes: valueOf('wchar') }),
)
