import type { Reached } from '@tidemark/log'
import type { EpochMs } from '@tidemark/model'

export type EmbeddedLogOptions = {
  /** Holds `log.sqlite`. */
  readonly folder: string
  /** Whether folder and file are made where they are missing; otherwise that is a NotProvisionedError. Default true. */
  readonly create?: boolean
  /**
   * Bytes of the file in use above which the oldest records go that nobody needs any more, and, where there are none, publishing is
   * refused. What processors write is always taken, since only their progress makes room. Default: no limit. At least 1 MiB.
   */
  readonly bytesMax?: number
  /** Wall clock: stamps records, and measures leases, which processes must agree on. Default: the machine's. */
  readonly clock?: () => EpochMs
  /** Measures deadlines. Default: the process's. */
  readonly monotonicMs?: () => number
  /** How long a member may be silent before its tasks go to others, unless its process is seen to be dead. Default 10 s. */
  readonly leaseMs?: number
  /** How long a write may wait for its turn among processes. Default 30 s. */
  readonly timeoutMs?: number
  /** Told what is done about trouble that needs no one's help yet. */
  readonly observe?: (event: EmbeddedLogEvent) => void
  /** Called in the midst of a commit, for tests that end the process there. */
  readonly reached?: Reached
}

export type EmbeddedLogEvent =
  | { readonly kind: 'joined' | 'left'; readonly processor: string }
  | { readonly kind: 'acquired'; readonly processor: string; readonly tasks: readonly number[] }
  /** Others took the tasks, because this process was silent for too long. */
  | { readonly kind: 'lost'; readonly processor: string; readonly tasks: readonly number[] }
  | {
      readonly kind: 'task-failed'
      readonly processor: string
      readonly task: number
      readonly error: unknown
      readonly againInMs: number
    }
  | { readonly kind: 'trouble'; readonly what: string; readonly error: unknown }

/** The options with their defaults. */
export type Settings = Required<Omit<EmbeddedLogOptions, 'bytesMax'>> & {
  readonly bytesMax: number | null
}

const bytesMaxLeast = 1024 * 1024

export const settingsOf = (options: EmbeddedLogOptions): Settings => {
  const { folder, bytesMax = null } = options
  if (bytesMax !== null && !(bytesMax >= bytesMaxLeast))
    throw new RangeError(`bytesMax: ${bytesMax} is less than ${bytesMaxLeast}`)
  return {
    folder,
    bytesMax,
    create: options.create ?? true,
    clock: options.clock ?? (() => Date.now() as EpochMs),
    monotonicMs: options.monotonicMs ?? (() => performance.now()),
    leaseMs: options.leaseMs ?? 10_000,
    timeoutMs: options.timeoutMs ?? 30_000,
    observe: options.observe ?? (() => undefined),
    reached: options.reached ?? (() => undefined),
  }
}
