/** What a member says of itself when it joins: which tasks it had, by which generation of the group. */
export type Claims = { readonly generation: number; readonly tasks: readonly number[] }

const version = 1
const headerBytes = 5

/** Version 1, generation 4, and a bit for each task up to the largest: 130 bytes for a thousand. */
export const writeClaims = ({ generation, tasks }: Claims): Buffer => {
  const largest = tasks.reduce((most, task) => Math.max(most, task), -1)
  const bytes = Buffer.alloc(headerBytes + Math.ceil((largest + 1) / 8))
  bytes.writeUInt8(version, 0)
  bytes.writeInt32BE(generation, 1)
  for (const task of tasks) bytes[headerBytes + (task >> 3)]! |= 1 << (task & 7)
  return bytes
}

export const noClaims: Claims = { generation: -1, tasks: [] }

/** Of members of other versions, who say something else or nothing: none. They get tasks all the same. */
export const readClaims = (bytes: Uint8Array): Claims => {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  if (view.length < headerBytes || view[0] !== version) return noClaims
  const tasks: number[] = []
  for (let task = 0; task < 8 * (view.length - headerBytes); task++)
    if ((view[headerBytes + (task >> 3)]! & (1 << (task & 7))) !== 0) tasks.push(task)
  return { generation: view.readInt32BE(1), tasks }
}
