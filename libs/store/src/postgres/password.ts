import { readFile, stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { StoreError } from '../sql.ts'

/** Who asks for a password, and where. */
export type PasswordRequest = {
  readonly host: string
  readonly port: number
  readonly database: string
  readonly user: string
}

/**
 * As libpq has it: PGPASSWORD, or the first line of the password file (PGPASSFILE, else ~/.pgpass) that fits, of the form
 * `host:port:database:user:password` with `*` for any and a backslash in front of `:` and `\`. StoreError when there is none.
 */
export const passwordOf = async (
  request: PasswordRequest,
  environment: NodeJS.ProcessEnv,
): Promise<string> => {
  const { PGPASSWORD: given, PGPASSFILE: file = join(homedir(), '.pgpass') } = environment
  if (given !== undefined && given !== '') return given
  for (const line of await linesOf(file)) {
    const password = passwordIn(line, request)
    if (password !== null) return password
  }
  throw new StoreError(
    `a password is asked for, and there is none in the address, in PGPASSWORD or in ${file}`,
    { retriable: false },
  )
}

const linesOf = async (file: string): Promise<readonly string[]> => {
  const mode = (await stat(file).catch(() => null))?.mode
  if (mode === undefined) return []
  if ((mode & 0o077) !== 0)
    throw new StoreError(
      `password file ${file}: others may read it (mode ${(mode & 0o777).toString(8)}); allowed is 600`,
      { retriable: false },
    )
  return (await readFile(file, 'utf8')).split(/\r?\n/)
}

const passwordIn = (line: string, request: PasswordRequest): string | null => {
  if (line.startsWith('#')) return null
  const fields = (line.match(/(?:\\.|[^:\\])*(?::|$)/g) ?? []).map((field) =>
    field.replace(/:$/, '').replace(/\\(.)/g, '$1'),
  )
  const [password] = fields.slice(4)
  const wanted = [request.host, request.port, request.database, request.user]
  const fits = wanted.every((value, i) => fields[i] === '*' || fields[i] === String(value))
  return fits && password !== undefined && password !== '' ? password : null
}
