import { contentId, type AlertEvent, type Output } from '@tidemark/model'
import { altered } from './altered-fold.ts'
import type { Saboteur } from './saboteur.ts'

export const isAlert = (event: Output['event']): event is AlertEvent => 'fingerprint' in event

/** Bugs in the judgement of windows. */
export const ofEvaluator: readonly Saboteur[] = [
  {
    name: 'leaves the episode out of the identity of an alert',
    invariant: 'I7',
    sabotage: () => ({
      name: 'leaves the episode out of the identity of an alert',
      processor: (processor) =>
        altered(processor, 'evaluator', () => ({
          output: (output, emit) => {
            const { event } = output
            if (!isAlert(event)) {
              emit(output)
              return
            }
            emit({ ...output, event: { ...event, alertId: contentId(event.fingerprint) } })
          },
        })),
    }),
  },
  {
    name: 'looks at the wall clock',
    invariant: 'I6',
    sabotage: () => ({
      name: 'looks at the wall clock',
      processor: (processor, wallMs) =>
        altered(processor, 'evaluator', () => ({
          output: (output, emit) => {
            const { event } = output
            if (!isAlert(event)) {
              emit(output)
              return
            }
            emit({ ...output, event: { ...event, raisedAtUs: Math.floor(wallMs()) * 1000 } })
          },
        })),
    }),
  },
]
