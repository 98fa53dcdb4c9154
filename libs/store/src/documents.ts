/** JSON text of nested values as they stand in `document` columns; bytes do not occur in them. */
export const documentOf = (value: unknown): string => JSON.stringify(value)

// The store wrote it: rows come from `documentOf` of the same type.
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters
export const fromDocument = <T>(text: unknown): T => JSON.parse(String(text)) as T
