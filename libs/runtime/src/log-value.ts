/** What may stand in a log line: bounded, and without secrets. */
export type LogValue =
  string | number | boolean | null | readonly LogValue[] | { readonly [name: string]: LogValue }

const textMax = 2000
const stackMax = 4000
const itemsMax = 50
const depthMax = 5

const secretName = /passw|secret|token|authorization|credential|api[-_]?key|^sasl$/i
const hidden = '[redacted]'

/** Any value as a log may show it. Deeper, longer or larger than a line has room for is cut; what looks like a secret is hidden. */
export const logValueOf = (value: unknown, depth = 0): LogValue => {
  switch (typeof value) {
    case 'string':
      return logText(value, textMax)
    case 'number':
    case 'boolean':
      return value
    case 'object':
      if (value === null) return null
      if (value instanceof Error) return logErrorOf(value, depth)
      if (depth >= depthMax) return '[deeper]'
      if (Array.isArray(value))
        return value.slice(0, itemsMax).map((item) => logValueOf(item, depth + 1))
      return Object.fromEntries(
        Object.entries(value)
          .slice(0, itemsMax)
          .map(([name, part]) => [
            name,
            secretName.test(name) ? hidden : logValueOf(part, depth + 1),
          ]),
      )
    default:
      return logText(String(value), textMax)
  }
}

/** An error with its code, whether it may pass, and what caused it. The stack is that of the first one. */
const logErrorOf = (error: Error, depth: number): LogValue => {
  const { name, message, stack, cause } = error
  const code = 'code' in error ? logValueOf(error.code, depthMax) : null
  return {
    type: name === 'Error' ? error.constructor.name : name,
    message: logText(message, textMax),
    ...(code !== null && { code }),
    ...('retriable' in error && { retriable: error.retriable === true }),
    ...(depth <= 1 && stack !== undefined && { stack: logText(stack, stackMax) }),
    ...(cause !== undefined && depth < depthMax && { cause: logValueOf(cause, depth + 2) }),
  }
}

/** Passwords in addresses and in what looks like settings. */
const secrets = [
  [/(:\/\/)[^/\s@]+@/g, `$1${hidden}@`],
  [
    /\b([\w-]*(?:password|passwd|secret|token|api[-_]?key)["']?\s*[=:]\s*)("[^"]*"|'[^']*'|[^\s,;&"']+)/gi,
    `$1${hidden}`,
  ],
] as const

const logText = (text: string, max: number): string => {
  // A secret that straddles the cut must be found before it.
  let shown = text.length > 2 * max ? text.slice(0, 2 * max) : text
  for (const [form, instead] of secrets) shown = shown.replace(form, instead)
  return shown.length <= max && text.length <= 2 * max
    ? shown
    : `${shown.slice(0, max)}... (${text.length} characters)`
}
