import type { CustomTypesConfig } from 'pg'
import { StoreError, type SqlValue } from '../sql.ts'

type Parse = (text: string) => SqlValue

/** `pg` gives bigint as text, because not every one fits a number; here all do, and one that does not is a mistake. */
const integer: Parse = (text) => {
  const value = Number(text)
  if (Number.isSafeInteger(value)) return value
  throw new StoreError(`the integer ${text} is beyond ${Number.MAX_SAFE_INTEGER}`, {
    retriable: false,
  })
}

const bytes: Parse = (text) => {
  const { buffer, byteOffset, length } = Buffer.from(text.slice(2), 'hex')
  return new Uint8Array(buffer, byteOffset, length)
}

const plain: Parse = (text) => text

/** By the numbers that PostgreSQL has for its types. */
const parsers = new Map<number, Parse>([
  [17, bytes],
  [19, plain],
  [20, integer],
  [21, integer],
  [23, integer],
  [25, plain],
])

export const types: CustomTypesConfig = {
  getTypeParser: (oid: number): Parse =>
    parsers.get(oid) ??
    (() => {
      throw new StoreError(`columns of type ${oid} are not read`, { retriable: false })
    }),
}
