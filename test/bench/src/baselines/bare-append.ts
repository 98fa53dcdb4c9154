import { fdatasyncSync, writeSync } from 'node:fs'

/** Appends the same bytes again and again to a plain file, durable after each: what no log on the disk can beat. */
export const appendBare = (file: number, batch: Uint8Array, times: number): void => {
  for (let i = 0; i < times; i++) {
    writeSync(file, batch)
    fdatasyncSync(file)
  }
}
