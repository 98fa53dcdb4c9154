import { limitNames, limitRanges, type Limits } from '@tidemark/model'

/** `services-per-window`, as `--limit` names it. */
export const optionOfLimit = (name: keyof Limits): string =>
  name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)

/** What `--limit` takes, for help texts. */
export const limitsHelp = (): string => {
  const rows = limitNames.map((name) => {
    const { min, max, fallback, what } = limitRanges[name]
    return `  ${optionOfLimit(name)}  ${min} to ${max}, default ${fallback}: ${what}`
  })
  return `\nLimits:\n${rows.join('\n')}`
}
