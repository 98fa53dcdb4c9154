// What producers write. Times in `...Us` are microseconds since the epoch, in `...Ms` milliseconds; all are safe integers.

/** One request. `operation` is empty where the producer gave none; `id` is a UUID, or null: then repeats are not noticed. */
export type RequestObserved = {
  readonly type: 'RequestObserved'
  readonly id: string | null
  readonly service: string
  readonly operation: string
  readonly atUs: number
  readonly latencyUs: number
  readonly status: number
  readonly success: boolean
}

/**
 * Many requests of one service, in columns of equal length. Event i happened at `baseUs + deltaUs[i]`, in
 * `operations[operation[i]]`, failed if `failures` (ascending indexes) names i; its identity is (batchId, i).
 */
export type RequestBatch = {
  readonly type: 'RequestBatch'
  readonly batchId: string
  readonly service: string
  readonly baseUs: number
  readonly operations: readonly string[]
  readonly deltaUs: readonly number[]
  readonly latencyUs: readonly number[]
  readonly status: readonly number[]
  readonly operation: readonly number[]
  readonly failures: readonly number[]
}

/** One health check. `check` is empty where the producer gave none. */
export type HealthChecked = {
  readonly type: 'HealthChecked'
  readonly id: string | null
  readonly service: string
  readonly check: string
  readonly atUs: number
  readonly passed: boolean
  readonly latencyUs: number | null
  readonly reason: string | null
}

/** A control record without key and content: only its timestamp matters. */
export type Tick = { readonly type: 'Tick' }
