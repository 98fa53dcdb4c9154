import { AccessDeniedError, CorruptLogError, UnavailableError, type LogError } from '@tidemark/log'
import { unreachable } from '@tidemark/model'
import { committedView, type CommittedView } from './committed-view.ts'
import { logErrorOf } from './failures.ts'
import type { FetchedSection } from './fetch-answer.ts'

/** What a section says about the position that was asked for. */
export type FetchOutcome =
  | { readonly kind: 'data'; readonly view: CommittedView; readonly endOffset: number }
  /** Below what is kept or above the end. */
  | { readonly kind: 'out-of-range' }
  /** To be asked again, of whoever leads the partition now. */
  | { readonly kind: 'again'; readonly error: Error }
  | { readonly kind: 'failed'; readonly error: LogError }

export const fetchOutcome = (section: FetchedSection, position: number): FetchOutcome => {
  const { errorCode, topic, partition, endOffset } = section
  const what = `fetch of ${topic}/${partition} at ${position}`
  const meaning = meaningOf(errorCode)
  switch (meaning) {
    case 'none':
      try {
        return { kind: 'data', view: committedView(section, position), endOffset }
      } catch (error) {
        return { kind: 'failed', error: logErrorOf(error, what) }
      }
    case 'out-of-range':
      return { kind: 'out-of-range' }
    case 'again':
      return { kind: 'again', error: new Error(`${what}: error code ${errorCode}`) }
    case 'denied':
      return { kind: 'failed', error: new AccessDeniedError(`${what}: not permitted`) }
    case 'corrupt':
      return { kind: 'failed', error: new CorruptLogError(`${what}: the broker finds it damaged`) }
    case 'other':
      return { kind: 'failed', error: new UnavailableError(`${what}: error code ${errorCode}`) }
    default:
      return unreachable(meaning)
  }
}

type Meaning = 'none' | 'out-of-range' | 'again' | 'denied' | 'corrupt' | 'other'

const meaningOf = (errorCode: number): Meaning =>
  errorCode === 0 ? 'none' : (meanings.get(errorCode) ?? 'other')

const meanings: ReadonlyMap<number, Meaning> = new Map<number, Meaning>([
  [1, 'out-of-range'],
  [2, 'corrupt'],
  // Unknown topic or partition, leader not available, not the leader, replica not available, storage error, fenced and unknown
  // leader epoch, unknown leader, offset not available: the metadata is behind, or the broker is.
  ...[3, 5, 6, 9, 56, 74, 75, 76, 78].map((code): [number, Meaning] => [code, 'again']),
  [29, 'denied'],
])
