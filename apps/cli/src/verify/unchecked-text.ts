import type { Unchecked } from '@tidemark/assembly'
import { isoOf, unreachable } from '@tidemark/model'
import { counted } from '../counted.ts'

/** In words, what a verification could not check and why. */
export const uncheckedText = (note: Unchecked): string => {
  switch (note.kind) {
    case 'inputs-removed':
      return `${note.topic}/${note.partition}: inputs below offset ${note.startOffset} are no longer retained; what they caused is compared ${fromText(note.fromUs, 'from where the stream clock stands at')}`
    case 'incomplete':
      return `${note.topic}/${note.partition}: windows that lost records left incomplete; what follows them is compared ${fromText(note.fromUs, 'from where the stream clock stands at')}`
    case 'ledger':
      return `${note.topic}/${note.partition}: begun in the middle, so ledgers are compared by difference`
    case 'tail':
      return `${note.topic}/${note.partition}: inputs from offset ${note.position} to ${note.endOffset} were not yet processed`
    case 'judgements':
      return `partition ${note.partition}: no earlier state of the evaluator is left to begin at; health, alerts and slices are compared ${fromText(note.fromUs, 'for windows that end after')}`
    case 'reports':
      return `platform reports, which need every partition: compared ${fromText(note.fromUs, 'for windows that end after')}`
    case 'outputs-removed':
      return `${note.topic}: ${counted(note.records, 'record')} that retention has removed`
    case 'compacted':
      return `${note.topic}: ${counted(note.records, 'record')} that compaction has removed, or may have`
    case 'repeats':
      return `${note.topic}: the bytes of ${counted(note.records, 'repeat')} far behind the first`
    default:
      return unreachable(note)
  }
}

const fromText = (fromUs: number | null, since: string): string =>
  fromUs === null || !Number.isFinite(fromUs) ? 'not at all' : `${since} ${isoOf(fromUs)}`
