/** RFC 4648 with padding. The pure core has neither Buffer nor btoa. */
export const base64Of = (bytes: Uint8Array): string => {
  const characters: string[] = []
  for (let at = 0; at < bytes.length; at += 3) {
    const left = bytes.length - at
    const group = ((bytes[at] as number) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0)
    characters.push(
      pairs[group >>> 12] as string,
      left >= 3 ? (pairs[group & 0xfff] as string) : left === 2 ? `${digitAt(group >>> 6)}=` : '==',
    )
  }
  return characters.join('')
}

/** The bytes of what `base64Of` wrote; anything else is a RangeError. */
export const bytesOfBase64 = (text: string): Uint8Array => {
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0
  if (text.length % 4 !== 0)
    throw new RangeError(`base64: ${text.length} characters, not groups of 4`)
  const bytes = new Uint8Array((text.length / 4) * 3 - padding)
  let at = 0
  for (let from = 0; from < text.length; from += 4) {
    const isLast = from + 4 === text.length
    let group = 0
    for (let i = 0; i < 4; i++)
      group = (group << 6) | (isLast && i >= 4 - padding ? 0 : valueAt(text, from + i))
    for (let shift = 16; shift >= 0 && at < bytes.length; shift -= 8) bytes[at++] = group >>> shift
  }
  return bytes
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
const digitAt = (value: number): string => alphabet.charAt(value & 63)
/** Two characters for each 12 bits: half the look-ups of one at a time. */
const pairs = Array.from({ length: 4096 }, (_, value) => digitAt(value >>> 6) + digitAt(value))

const values = new Map(Array.from(alphabet, (character, value) => [character.charCodeAt(0), value]))

const valueAt = (text: string, at: number): number => {
  const value = values.get(text.charCodeAt(at))
  if (value === undefined) throw new RangeError(`base64: ${JSON.stringify(text.charAt(at))}`)
  return value
}
