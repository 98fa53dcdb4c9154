import type { Acknowledgement, Configuration, PartitionAdvanced } from '@tidemark/model'
import { altered, withFacts, type Alteration } from './altered-fold.ts'
import { isAlert } from './of-evaluator.ts'
import type { Saboteur } from './saboteur.ts'

const bug = (
  name: string,
  invariant: Saboteur['invariant'],
  processorName: 'aggregator' | 'evaluator',
  alteration: (isRestored: boolean) => Alteration,
): Saboteur => ({
  ...{ name, invariant },
  sabotage: () => ({
    name,
    processor: (processor) => altered(processor, processorName, alteration),
  }),
})

/** Bugs in what becomes of facts: how they are handed on, when they act, and what alerts make of them. */
export const ofFacts: readonly Saboteur[] = [
  bug('hands a fact on twice', 'I4', 'aggregator', () => ({
    output: (output, emit) => {
      emit(output)
      if (output.event.type === 'FactApplied') emit(output)
    },
  })),
  bug('counts facts as nothing', 'I2', 'aggregator', () => {
    let facts = 0
    const without = (event: PartitionAdvanced): PartitionAdvanced => {
      const { ledger } = event
      const [events, aggregated] = [ledger.events - facts, ledger.aggregated - facts]
      return { ...event, ledger: { ...ledger, events, aggregated } }
    }
    return {
      output: (output, emit) => {
        const { event } = output
        if (event.type === 'FactApplied') facts++
        const isOfFacts = event.type === 'PartitionAdvanced' && event.topic === 'facts'
        emit(isOfFacts ? { ...output, event: without(event) } : output)
      },
    }
  }),
  bug('lets a fact act when it is read', 'I6', 'evaluator', () => ({
    fed: (batches) => withFacts(batches, (applied) => ({ ...applied, clockMs: 0 })),
  })),
  bug('takes the first fact behind a restore for one that it knows', 'I6', 'evaluator', (is) => {
    let isLeftOut = is
    return {
      fed: (batches) =>
        withFacts(batches, (applied) => {
          const never = Number.MAX_SAFE_INTEGER / 1e6
          const changed = isLeftOut ? { ...applied, clockMs: Math.floor(never) } : applied
          isLeftOut = false
          return changed
        }),
    }
  }),
  bug('corrects a budget as often as it is told to', 'I12', 'evaluator', () => {
    let count = 0
    return {
      fed: (batches) =>
        withFacts(batches, (applied) => {
          if (applied.fact.type !== 'BudgetCorrected') return applied
          const id = applied.fact.id.replace(/.{8}$/, String(count++).padStart(8, '0'))
          return { ...applied, fact: { ...applied.fact, id } }
        }),
    }
  }),
  bug('does not tell of marks', 'I7', 'evaluator', () => ({
    output: (output, emit) => {
      if (output.event.type !== 'AlertMarked') emit(output)
    },
  })),
  bug('goes on with an answer in the next episode', 'I7', 'evaluator', () => {
    const answers = new Map<string, Acknowledgement>()
    return {
      output: (output, emit) => {
        const { event } = output
        if (!isAlert(event)) {
          emit(output)
          return
        }
        const { fingerprint, acknowledgement } = event
        const before = answers.get(fingerprint)
        if (acknowledgement !== null) answers.set(fingerprint, acknowledgement)
        const isCarried = event.type === 'AlertRaised' && before !== undefined
        emit(isCarried ? { ...output, event: { ...event, acknowledgement: before } } : output)
      },
    }
  }),
  bug('escalates what somebody has answered', 'I7', 'evaluator', () => ({
    output: (output, emit) => {
      const { event } = output
      emit(output)
      if (event.type !== 'AlertAcknowledged') return
      const { cause, escalation } = event
      const more = {
        cause: { ...cause, index: cause.index + 1_000_000 },
        escalation: escalation + 1,
      }
      emit({ ...output, event: { ...event, ...more, type: 'AlertEscalated' } })
    },
  })),
  {
    name: 'goes by the newest configuration that it has seen',
    invariant: 'I12',
    sabotage: () => {
      let newest: Configuration | null = null
      return {
        name: 'goes by the newest configuration that it has seen',
        catalog: (catalog) => ({
          get: (id) => (catalog.get(id) === null ? null : newest),
          load: async (id) => {
            const reason = await catalog.load(id)
            newest = catalog.get(id) ?? newest
            return reason
          },
        }),
      }
    },
  },
]
