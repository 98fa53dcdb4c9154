import { workOff, type AggregatorRun } from './work-off.ts'

// A process of its own that works off everything in `requests`, which is `records` records. Its last line of output is what that took.

const [given] = process.argv.slice(2)
const { records, ...run } = JSON.parse(given!) as AggregatorRun & { readonly records: number }

const stopping = new AbortController()
const positions = new Map<number, number>()
const committed = (task: number, position: number): void => {
  positions.set(task, position)
  if ([...positions.values()].reduce((sum, at) => sum + at, 0) >= records) stopping.abort()
}
const watching = { gate: Promise.resolve(), assigned: () => undefined, committed }
console.log(JSON.stringify(await workOff(run, watching, stopping.signal)))
