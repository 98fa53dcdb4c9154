import { contentId } from '@tidemark/model'

/** A UUID of version 8, made by a rule of one's own (RFC 9562): the same content, the same id. */
export const repeatableUuid = (content: string): string => {
  const hex = contentId(content)
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `${((Number.parseInt(hex[16]!, 16) & 3) | 8).toString(16)}${hex.slice(17, 20)}`,
    hex.slice(20),
  ].join('-')
}
