import type { Page } from './http-server.ts'

/** One thing that must hold; `reason` says why it does not, and null that it does. */
export type Check = { readonly name: string; readonly reason: string | null }

/** All checks as JSON: 200 when every one holds, 503 otherwise. */
export const checksPage = (checks: readonly Check[]): Page => {
  const isGood = checks.every(({ reason }) => reason === null)
  return {
    status: isGood ? 200 : 503,
    contentType: 'application/json',
    body: `${JSON.stringify({
      status: isGood ? 'ok' : 'unavailable',
      checks: Object.fromEntries(
        checks.map(({ name, reason }) => [
          name,
          reason === null ? { ok: true } : { ok: false, reason },
        ]),
      ),
    })}\n`,
  }
}
