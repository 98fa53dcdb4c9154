import { readFileSync } from 'node:fs'

export type UserIds = { readonly uid: number; readonly gid: number }

/** PostgreSQL does not run as root; root lends it one of these. Null: this process is somebody else anyway. */
export const unprivilegedUser = (): UserIds | null => {
  if (process.getuid?.() !== 0) return null
  const accounts = readFileSync('/etc/passwd', 'utf8').split('\n')
  for (const name of ['postgres', 'nobody']) {
    const account = accounts.find((line) => line.startsWith(`${name}:`))
    if (account === undefined) continue
    const [uid, gid] = account.split(':').slice(2, 4).map(Number)
    return { uid: uid!, gid: gid! }
  }
  throw new Error('PostgreSQL does not run as root, and there is no user "postgres" or "nobody"')
}
