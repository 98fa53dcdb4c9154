import { existsSync, globSync, realpathSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'

/** Where Debian and Homebrew put what is not on the path. */
const usualPlaces = [
  '/usr/lib/postgresql/*/bin/initdb',
  '/usr/local/opt/postgresql*/bin/initdb',
  '/opt/homebrew/opt/postgresql*/bin/initdb',
]

/** The folder of PostgreSQL's programs, or null: that on the path, else the newest of those in the usual places. */
export const postgresPrograms = (): string | null => {
  const onPath = (process.env.PATH ?? '').split(delimiter)
  const elsewhere = globSync(usualPlaces)
    .map(dirname)
    .toSorted((a, b) => versionOf(b) - versionOf(a))
  const folder = [...onPath, ...elsewhere].find(hasServer)
  // What is on the path may be links, and the server finds the rest of itself beside its real place.
  return folder === undefined ? null : dirname(realpathSync(join(folder, 'postgres')))
}

const hasServer = (folder: string): boolean =>
  ['initdb', 'postgres'].every((program) => existsSync(join(folder, program)))

const versionOf = (folder: string): number => Number(/(\d+)\/bin$/.exec(folder)?.[1] ?? 0)
