import { Readable, type Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { lineOf } from '@tidemark/codec'
import { isoOf } from '@tidemark/model'
import { truthOf, type Traffic, type Truth } from '@tidemark/traffic'

/** The events of traffic as NDJSON, in the order in which they are sent: the same bytes for the same seed. */
export function* eventLines(traffic: Traffic): Generator<string> {
  for (const { event } of traffic.events()) yield `${lineOf(event)}\n`
}

/** The truth track of traffic as NDJSON: what was wrong, with whom, from when to when, and how severely it should be told. */
export function* truthLines(traffic: Traffic): Generator<string> {
  for (const fault of traffic.faults()) yield truthLine(truthOf(fault))
}

export const truthLine = ({ service, fault, fromUs, toUs, detect }: Truth): string =>
  `${JSON.stringify({ service, fault, from: isoOf(fromUs), to: isoOf(toUs), detect })}\n`

const chunkLength = 65_536

/** Writes lines as fast as `out` takes them, and ends it. */
export const writeLines = async (
  lines: Iterable<string>,
  out: Writable,
  signal?: AbortSignal,
): Promise<void> => {
  await pipeline(Readable.from(chunksOf(lines)), out, signal === undefined ? {} : { signal })
}

/** One write per line would cost more than the lines. */
function* chunksOf(lines: Iterable<string>): Generator<string> {
  let chunk = ''
  for (const line of lines) {
    chunk += line
    if (chunk.length < chunkLength) continue
    yield chunk
    chunk = ''
  }
  if (chunk !== '') yield chunk
}
