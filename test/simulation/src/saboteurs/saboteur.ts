import type { Layout } from '@tidemark/model'
import type { Sabotage } from '../faults/index.ts'
import type { InvariantNumber } from '../invariants/violation.ts'

/** A deliberate bug, and the invariant whose check must find it. */
export type Saboteur = {
  readonly name: string
  readonly invariant: InvariantNumber
  readonly sabotage: (layout: Layout) => Sabotage
}
