/** Where a PostgreSQL database is. */
export type PostgresAddress = {
  /** Without the password and without options, for messages. */
  readonly shown: string
  /** As given. A function, so that nothing that prints options tells the password. */
  readonly url: () => string
}

const scheme = /^postgres(?:ql)?:\/\//i

/** Whether a text means PostgreSQL rather than a file. */
export const isPostgres = (text: string): boolean => scheme.test(text)

/** `postgres://USER:PASSWORD@HOST:PORT/DATABASE`, all but the scheme optional; null for what is none. */
export const postgresAddress = (text: string): PostgresAddress | null => {
  const url = parsed(text)
  if (url === null) return null
  const host = url.host === noHost ? (url.searchParams.get('host') ?? '') : url.host
  const user = url.username === '' ? '' : `${decodeURIComponent(url.username)}@`
  return { shown: `postgres://${user}${host}${url.pathname}`, url: () => text }
}

const noHost = 'none'

const parsed = (text: string): URL | null => {
  if (!isPostgres(text)) return null
  // A user without a host is no URL; with a socket's folder as the option `host` it is what libpq takes.
  for (const candidate of [text, text.replace('@/', `@${noHost}/`)])
    if (URL.canParse(candidate)) return new URL(candidate)
  return null
}
