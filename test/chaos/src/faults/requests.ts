import { within } from '../waiting.ts'
import type { World } from '../world.ts'
import type { Action, Fault, RequestKind } from '../proxy/faults.ts'
import { killWorker } from './processes.ts'
import { recovered } from './recovery.ts'

type Target = { readonly request: RequestKind; readonly from: 'worker' | 'load' }

export const workerRequests = [
  'Produce',
  'Fetch',
  'Heartbeat',
  'InitProducerId',
  'AddPartitionsToTxn',
  'EndTxn',
  'TxnOffsetCommit',
] as const satisfies readonly RequestKind[]

export const targets: readonly Target[] = [
  ...workerRequests.map((request) => ({ request, from: 'worker' }) as const),
  { request: 'Produce', from: 'load' },
]

/** Short of what a client waits, and well beyond it: by then it has given up, and somebody else may be at work. */
const msOf: Readonly<Record<Action, number>> = {
  'drop answer': 0,
  'delay answer': 800,
  'hold request': 6000,
  cut: 0,
}

const hitMsMax = 60_000

export const requestFault = ({ action, request, from }: Omit<Fault, 'ms'>): string =>
  `proxy: ${action}, ${request} of ${from}`

/** Lets requests of some kinds meet an action each, all at once. */
export const disturb = async (
  world: World,
  action: Action,
  kinds: readonly Target[],
): Promise<void> => {
  const injections = kinds.map((target) =>
    world.faults.inject({ ...target, action, ms: msOf[action] }),
  )
  let open = injections.length
  for (const { fault, hit } of injections)
    void hit.then(() => {
      open--
      world.tally.count(requestFault(fault))
    })
  // Producers are initialised when tasks change hands.
  if (kinds.some(({ request }) => request === 'InitProducerId'))
    await killWorker(world, 'evaluator')
  await within(hitMsMax, () => open === 0)
  for (const { withdraw } of injections) withdraw()
  const names = kinds.map(({ request, from }) => `${request} of ${from}`)
  await recovered(world, `${action} (${names.join(', ')})`)
}
