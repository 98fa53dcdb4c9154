/** The sum of all bytes, in 32 bits: what looking at each of them costs at least. */
export const byteSum = (bytes: Uint8Array): number => {
  let sum = 0
  for (let i = 0; i < bytes.length; i++) sum = (sum + bytes[i]!) | 0
  return sum
}
