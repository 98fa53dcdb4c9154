import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import {
  defaultLayout,
  type Layout,
  type Offset,
  type RecordBatches,
  type TopicName,
} from '@tidemark/model'
import { recordCursor } from '@tidemark/wire'
import { openEmbeddedLog, type EmbeddedLog } from '../embedded-log.ts'
import type { EmbeddedLogOptions } from '../options.ts'

export const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)
export const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)

/** A folder, the logs opened in it and the processes started on it. */
export type World = {
  readonly folder: string
  readonly file: string
  readonly open: (options?: Partial<EmbeddedLogOptions>) => Promise<EmbeddedLog>
  /** Another process at work on the folder. */
  readonly start: (what: 'append' | 'commit', name?: string) => Child
  /** Kills, closes and removes all of it. */
  readonly end: () => Promise<void>
}

export type Child = {
  readonly pid: number
  /** What it has said so far. */
  readonly said: readonly Said[]
  /** Resolves when it has said so much. */
  readonly until: (lines: number) => Promise<void>
  /** kill -9; resolves when it is gone. */
  readonly kill: () => Promise<void>
}

export type Said = Readonly<Record<string, unknown>>

export const openWorld = (): World => {
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-log-'))
  const logs: EmbeddedLog[] = []
  const children: Child[] = []
  return {
    folder,
    file: join(folder, 'log.sqlite'),
    open: async (options = {}) => {
      const log = await openEmbeddedLog({ folder, ...options })
      logs.push(log)
      return log
    },
    start: (what, name = what) => {
      const child = startChild([what, folder, name])
      children.push(child)
      return child
    },
    end: async () => {
      for (const child of children) await child.kill()
      for (const log of logs) await log.close()
      rmSync(folder, { recursive: true })
    },
  }
}

const startChild = (args: readonly string[]): Child => {
  const program = join(import.meta.dirname, './child.ts')
  const child = spawn(process.execPath, [program, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exited = once(child, 'exit')
  const said: Said[] = []
  const waiting = new Set<() => void>()
  createInterface({ input: child.stdout }).on('line', (line) => {
    // A kill may cut the last line.
    if (!line.endsWith('}')) return
    said.push(JSON.parse(line) as Said)
    for (const check of [...waiting]) check()
  })
  return {
    pid: child.pid!,
    said,
    until: (lines) =>
      new Promise((resolve, reject) => {
        const check = (): void => {
          if (said.length < lines) return
          waiting.delete(check)
          resolve()
        }
        waiting.add(check)
        check()
        void exited.then(() => reject(new Error('the process ended')))
      }),
    kill: async () => {
      child.kill('SIGKILL')
      await exited
    },
  }
}

export const provision = (log: EmbeddedLog, layout: Partial<Layout> = {}) => {
  const whole = { ...defaultLayout, partitions: 2, ...layout }
  return log.provision(whole, { key: bytesOf('layout'), value: bytesOf(JSON.stringify(whole)) })
}

export type ReadRecord = {
  readonly offset: number
  readonly timestampMs: number
  readonly key: string | null
  readonly value: string
}

/** All records of a partition from a position on; every batch is checked on the way. */
export const readAll = async (
  log: EmbeddedLog,
  topic: TopicName,
  partition = 0,
  from = 0,
): Promise<readonly ReadRecord[]> => {
  const records: ReadRecord[] = []
  for (let position = from as Offset; ;) {
    const batches = await log.read({ topic, partition, fromOffset: position })
    records.push(...recordsIn(batches))
    if (batches.nextOffset >= batches.endOffset) return records
    position = batches.nextOffset
  }
}

export const recordsIn = (batches: RecordBatches): readonly ReadRecord[] => {
  const records: ReadRecord[] = []
  const cursor = recordCursor()
  cursor.open(batches)
  while (cursor.next()) {
    const { bytes, offset, timestampMs, keyStart, keyEnd, valueStart, valueEnd } = cursor
    const key = keyEnd === -1 ? null : textOf(bytes.subarray(keyStart, keyEnd))
    records.push({
      offset,
      timestampMs,
      key,
      value: textOf(bytes.subarray(valueStart, valueEnd)),
    })
  }
  return records
}
