import type { StatusRange } from '@tidemark/model'
import { accepted, refused, shown, type Outcome } from './outcome.ts'

export const statusForms = 'a status like 429, a class like 5xx, or a range like 500-504'
export const statusMax = 999

/** One status or a range of them, from `429`, `5xx` or `500-504`. */
export const statusRangeOf = (text: string): Outcome<StatusRange> => {
  const [, hundreds] = /^([0-9])xx$/.exec(text) ?? []
  if (hundreds !== undefined)
    return accepted({ from: Number(hundreds) * 100, to: Number(hundreds) * 100 + 99 })
  const [, from, to = from] = /^(\d{1,3})(?:-(\d{1,3}))?$/.exec(text) ?? []
  if (from === undefined || Number(from) > Number(to))
    return refused(`${shown(text)} is not ${statusForms}`)
  return accepted({ from: Number(from), to: Number(to) })
}

export const statusRangeText = ({ from, to }: StatusRange): string | number => {
  if (from === to) return from
  return from % 100 === 0 && to === from + 99 ? `${from / 100}xx` : `${from}-${to}`
}
