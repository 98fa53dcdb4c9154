import type { Log, TaskSession } from '@tidemark/log'
import { defaultLayout, type Offset, type TaskFold } from '@tidemark/model'
import { stopSignal } from '@tidemark/runtime'
import { runApp, type App } from '../../app.ts'
import { connect } from '../../connection.ts'
import { operate } from '../operate.ts'
import { operationSettings } from '../settings.ts'

// A process of which one part hangs: `node hanging.ts fold|poll|commit|restore|nothing FOLDER TIME`, with something to do.

const [part, folder = '', watchdog = ''] = process.argv.slice(2)

const never = <T>(): Promise<T> => new Promise(() => undefined)

/** Reads a partition of requests to its end, and notes how far it is; a restore begins again at 0. */
const foldThatHangs = (): TaskFold => {
  let position = 0
  let end = 0
  return {
    sources: () => [
      {
        ...{ topic: 'requests', partition: 0, held: false },
        ...{ position: position as Offset, from: 0 as Offset },
      },
    ],
    feed: ({ nextOffset }) => {
      end = nextOffset
    },
    work: () => {
      // Nothing that a timer could interrupt.
      if (part === 'fold') for (;;);
      position = end
      return false
    },
    atRecordBoundary: () => true,
    checkpoint: () => new Map([['position', Uint8Array.of(position)]]),
  }
}

const app: App = {
  name: 'hanging',
  open: () =>
    Promise.resolve({
      processor: {
        name: 'hanging',
        topics: ['requests'],
        tasks: 1,
        ticks: [],
        open: () => (part === 'restore' ? never<TaskFold>() : foldThatHangs()),
      },
      close: () => Promise.resolve(),
    }),
}

const sessionThatHangs = (session: TaskSession): TaskSession => ({
  ...session,
  poll: part === 'poll' ? never : session.poll,
  commit: part === 'commit' ? never : session.commit,
})

const logThatHangs = (log: Log): Log => ({
  ...log,
  host: (spec, run, signal) =>
    log.host(spec, (session, ending) => run(sessionThatHangs(session), ending), signal),
})

const settings = operationSettings({ watchdog }, { logLevel: 'info', logFormat: 'json' })
if (typeof settings === 'string') throw new Error(settings)
const signal = stopSignal(process)
const write = (line: string): void => void process.stderr.write(line)
process.exitCode = await operate(
  'hanging',
  settings,
  { process, signal, write },
  async ({ observe, observeLog, begin }) => {
    const layout = { ...defaultLayout, partitions: 1 }
    const { log } = await connect({ kind: 'embedded', folder }, layout, observeLog)
    const publisher = await log.publisher()
    await publisher.append('requests', 0, [{ key: null, value: new Uint8Array(1) }])
    begin(log, 1)
    await runApp(app, { log: logThatHangs(log), layout, store: '' }, { observe }, signal)
    await log.close()
  },
)
