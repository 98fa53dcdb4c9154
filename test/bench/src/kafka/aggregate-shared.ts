import { workOff, type AggregatorRun } from './work-off.ts'

// A process that takes part in an aggregator together with others, as its parent tells it: it says which tasks it has, begins when it is told
// to, says what it commits, and ends when it is told to with what that took.

export type ToMember = { readonly kind: 'begin' | 'stop' }

export type FromMember =
  | { readonly kind: 'assigned'; readonly tasks: readonly number[] }
  | { readonly kind: 'committed'; readonly task: number; readonly position: number }
  | { readonly kind: 'took'; readonly run: Readonly<Record<string, number>> }

const tell = (message: FromMember): void => void process.send!(message)

const [given] = process.argv.slice(2)
const begin = Promise.withResolvers<null>()
const stopping = new AbortController()
process.on('message', ({ kind }: ToMember) => {
  if (kind === 'begin') begin.resolve(null)
  else stopping.abort()
})
const run = await workOff(
  JSON.parse(given!) as AggregatorRun,
  {
    gate: begin.promise,
    assigned: (tasks) => tell({ kind: 'assigned', tasks }),
    committed: (task, position) => tell({ kind: 'committed', task, position }),
  },
  stopping.signal,
)
tell({ kind: 'took', run })
process.disconnect()
