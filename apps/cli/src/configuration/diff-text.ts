import { pathText, yamlLine, type ConfigurationChange } from '@tidemark/configuration'

const signs = { added: '+', removed: '-', changed: '~' } as const

/** What changes, a line each under its part. */
export const changeLines = (changes: readonly ConfigurationChange[]): readonly string[] => {
  const parts = [...new Set(changes.map(({ path }) => path[0]!))]
  return parts.flatMap((part) => [
    part,
    ...changes.filter(({ path }) => path[0] === part).map((change) => `  ${changeLine(change)}`),
  ])
}

const changeLine = ({ change, path, before, after }: ConfigurationChange): string => {
  const name = pathText(path.slice(1))
  const value = [before, after]
    .flatMap((each) => (each === null ? [] : [yamlLine(each)]))
    .join(' -> ')
  return [`${signs[change]} ${name}`, value]
    .filter((text) => text !== '')
    .join(name === '' ? '' : ': ')
}
