import { sloKey } from '@tidemark/evaluation'
import type { ConfigurationFile } from './schema/file.ts'

/**
 * Where a file says what a path of its configuration leads to; items of lists are named there, and numbered here. Null where the file says
 * nothing of it, because it has its default.
 */
export const pathInFile = (
  file: ConfigurationFile,
  path: readonly string[],
): readonly PropertyKey[] | null => {
  const [part = '', key, ...rest] = path
  const given = (file as Readonly<Record<string, unknown>>)[part]
  if (given === undefined) return null
  if (key === undefined) return [part]
  if (!Array.isArray(given)) {
    const isThere = typeof given === 'object' && given !== null && key in given
    return isThere || part !== 'services' ? [part, key, ...rest.map(indexOr)] : null
  }
  const isNumbered = part === 'inhibition' || part === 'escalation'
  const index = isNumbered
    ? Number(key)
    : given.findLastIndex((item) => nameOf(item as NamedItem) === key)
  return index < 0 ? null : [part, index, ...rest.map(indexOr)]
}

type NamedItem = { readonly id?: string; readonly service?: string | null }

const nameOf = ({ id = '', service = null }: NamedItem): string => sloKey({ id, service })

const indexOr = (key: string): PropertyKey => (/^\d+$/.test(key) ? Number(key) : key)
