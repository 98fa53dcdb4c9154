import type { LogLine } from './logger.ts'

/** A log line for people: time of day, level, where and what, and the rest as `name=value`. */
export const logLineText = (line: LogLine): string => {
  const { level, time, name, run: _run, event, processor, task, message, error, ...rest } = line
  const place = processor ?? name
  const who = task === undefined ? place : `${place}/${task}`
  const fields = Object.entries(rest).map(([key, value]) => `${key}=${shown(value)}`)
  const what = [message ?? event, error?.message].filter((text) => text !== undefined).join(': ')
  return `${time.slice(11, 19)}Z  ${level.padEnd(5)}  ${who}: ${[what, ...fields].join('  ')}\n`
}

const shown = (value: unknown): string =>
  typeof value === 'string' && !/\s/.test(value) ? value : JSON.stringify(value)
