import type { Brand } from './brand.ts'

/** 1-128 characters of `[A-Za-z0-9._/-]`. */
export type ServiceName = Brand<string, 'ServiceName'>

export const serviceNameLengthMax = 128
export const operationBytesMax = 256

const servicePattern = /^[A-Za-z0-9._/-]{1,128}$/
// Control characters, C1 included, and what reorders or hides text on a terminal.
// eslint-disable-next-line no-control-regex
const forbidden = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/u

/** Why `value` is no service name, or null. */
export const serviceNameFault = (value: string): string | null =>
  servicePattern.test(value)
    ? null
    : `service: ${quote(value)} is not 1-128 characters of [A-Za-z0-9._/-]`

/**
 * Why `value` is no text of at most `bytesMax` bytes of NFC UTF-8 without control characters, or null. Used for operations,
 * checks and reasons; the empty string stands for "none".
 */
export const textFault = (
  field: string,
  value: string,
  bytesMax = operationBytesMax,
): string | null => {
  if (utf8Length(value) > bytesMax) return `${field}: longer than ${bytesMax} bytes of UTF-8`
  if (!value.isWellFormed()) return `${field}: not well-formed Unicode`
  if (forbidden.test(value)) return `${field}: ${quote(value)} holds control characters`
  if (value.normalize('NFC') !== value)
    return `${field}: ${quote(value)} is not in Unicode form NFC`
  return null
}

const quote = (value: string): string =>
  JSON.stringify(value.length > 64 ? `${value.slice(0, 64)}...` : value)

/** Bytes of `value` in UTF-8. */
export const utf8Length = (value: string): number => {
  let bytes = 0
  for (const character of value) {
    const code = character.codePointAt(0) as number
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4
  }
  return bytes
}

/** Orders by the bytes of UTF-8, which is the order of code points (not that of UTF-16 units). */
export const compareUtf8 = (a: string, b: string): number => {
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i)
    const y = b.charCodeAt(i)
    // Surrogates (d800-dfff) stand for code points above all other units.
    if (x !== y) return rank(x) - rank(y)
  }
  return a.length - b.length
}

const rank = (unit: number): number =>
  unit >= 0xe000 ? unit - 0x800 : unit >= 0xd800 ? unit + 0x2000 : unit
