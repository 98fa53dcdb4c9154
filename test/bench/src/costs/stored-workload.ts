import { readFileSync, writeFileSync } from 'node:fs'
import { offset } from '@tidemark/model'
import type { Workload } from '../workload.ts'

// A workload in files, so that processes of their own need not make it again.

type Piece = { readonly end: number; readonly from: number; readonly next: number }

export const storeWorkload = (file: string, { events, pieces }: Workload): void => {
  let end = 0
  const places = pieces.map(({ bytes, fromOffset, nextOffset }): Piece => {
    end += bytes.length
    return { end, from: fromOffset, next: nextOffset }
  })
  writeFileSync(file, Buffer.concat(pieces.map(({ bytes }) => bytes)))
  writeFileSync(`${file}.json`, JSON.stringify({ events, places }))
}

export const storedWorkload = (file: string): Workload => {
  const bytes = readFileSync(file)
  const { events, places } = JSON.parse(readFileSync(`${file}.json`, 'utf8')) as {
    readonly events: number
    readonly places: readonly Piece[]
  }
  const endOffset = offset(places.at(-1)!.next)
  return {
    events,
    pieces: places.map(({ end, from, next }, i) => ({
      ...{ topic: 'requests', partition: 0, endOffset },
      bytes: new Uint8Array(bytes.subarray(places[i - 1]?.end ?? 0, end)),
      ...{ fromOffset: offset(from), nextOffset: offset(next) },
    })),
  }
}
