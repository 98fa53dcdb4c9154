import { createHash } from 'node:crypto'
import { isAfter, isAt, type CauseAt } from './cause.ts'
import type { RecordBytes } from './tally.ts'

/** The bytes of the last records of a source, as far as a repeat must be told from a forgery. */
export type RecentRecords = {
  /** Causes rise from one to the next. */
  readonly add: (at: CauseAt, record: RecordBytes) => void
  /** `older`: than all that are remembered. */
  readonly find: (at: CauseAt, record: RecordBytes) => 'equal' | 'different' | 'absent' | 'older'
}

type Remembered = { readonly at: CauseAt; readonly digest: number }

export const recentRecords = (countMax: number): RecentRecords => {
  let remembered: Remembered[] = []
  let hasForgotten = false
  return {
    add: (at, record) => {
      remembered.push({ at, digest: digestOfRecord(record) })
      // Half of them at a time, so that the cost of an addition is constant.
      if (remembered.length < 2 * countMax) return
      remembered = remembered.slice(countMax)
      hasForgotten = true
    },
    find: (at, record) => {
      const oldest = remembered[0]
      if (oldest === undefined || isAfter(oldest.at, at)) return hasForgotten ? 'older' : 'absent'
      let low = 0
      let high = remembered.length - 1
      while (low < high) {
        const middle = (low + high + 1) >> 1
        if (isAfter(remembered[middle]!.at, at)) high = middle - 1
        else low = middle
      }
      const found = remembered[low]!
      if (!isAt(found.at, at)) return 'absent'
      return found.digest === digestOfRecord(record) ? 'equal' : 'different'
    },
  }
}

/** 48 bits of SHA-256 over key and value. */
const digestOfRecord = ({ key, value }: RecordBytes): number =>
  createHash('sha256')
    .update(`${key?.length ?? -1} `)
    .update(key ?? '')
    .update(value ?? '')
    .digest()
    .readUIntBE(0, 6)
