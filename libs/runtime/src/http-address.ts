/** Where a process answers HTTP. Port 0: any that is free. */
export type HttpAddress = { readonly host: string; readonly port: number }

const hostDefault = '127.0.0.1'

/** Reads `PORT`, `HOST:PORT` or `[IPV6]:PORT`. Throws RangeError on anything else. */
export const parseHttpAddress = (text: string): HttpAddress => {
  const match = /^(?:(?:\[([0-9a-f:.]+)\]|([a-z0-9.-]+)):)?(\d{1,5})$/i.exec(text)
  const port = Number(match?.[3])
  if (match === null || port > 65_535)
    throw new RangeError(
      `${JSON.stringify(text)} is neither PORT nor HOST:PORT, with a port of 0 to 65535`,
    )
  return { host: match[1] ?? match[2] ?? hostDefault, port }
}

export const httpUrlOf = ({ host, port }: HttpAddress): string =>
  `http://${host.includes(':') ? `[${host}]` : host}:${port}`
