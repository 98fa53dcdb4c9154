import { readFile } from 'node:fs/promises'
import { UsageError } from './context.ts'

/** The bytes of a file that an option names. */
export const contentOf = async (file: string): Promise<Uint8Array> => {
  try {
    return await readFile(file)
  } catch (error) {
    throw new UsageError(`${file}: ${error instanceof Error ? error.message : String(error)}`)
  }
}
