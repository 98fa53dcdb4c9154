/** Null, or what is wrong with a value, beginning with the path. */
export type Shape = (value: unknown) => string | null

export const integer: Shape = (value) =>
  Number.isSafeInteger(value) ? null : `: ${JSON.stringify(value)} is not an integer`
export const text: Shape = (value) =>
  typeof value === 'string' ? null : `: ${JSON.stringify(value)} is not a string`
export const orNull =
  (shape: Shape): Shape =>
  (value) =>
    value === null ? null : shape(value)

export const oneOf =
  (...values: readonly (string | number)[]): Shape =>
  (value) =>
    (values as readonly unknown[]).includes(value)
      ? null
      : `: ${JSON.stringify(value)} is not ${values.join(' or ')}`

export const listOf =
  (item: Shape): Shape =>
  (value) => {
    if (!Array.isArray(value)) return ': not an array'
    for (const [i, entry] of value.entries()) {
      const fault = item(entry)
      if (fault !== null) return `[${i}]${fault}`
    }
    return null
  }

/** With `satisfies`, so that the compiler sees a field that is missing here or left over. */
export type FieldsOf<T> = { readonly [Field in keyof T]-?: Shape }

export const objectOf = (fields: Readonly<Record<string, Shape>>): Shape => {
  const shapes = new Map(Object.entries(fields))
  return (value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      return ': not an object'
    const entries = new Map(Object.entries(value))
    for (const [field, shape] of shapes) {
      const fault = entries.has(field) ? shape(entries.get(field)) : ': missing'
      if (fault !== null) return `.${field}${fault}`
    }
    for (const field of entries.keys()) if (!shapes.has(field)) return `.${field}: unknown`
    return null
  }
}

/** One of several kinds of objects, told apart by a field. */
export const kindOf = (field: string, shapes: Readonly<Record<string, Shape>>): Shape => {
  const known = oneOf(...Object.keys(shapes))
  const byKind = new Map(Object.entries(shapes))
  return (value) => {
    const kind: unknown =
      typeof value === 'object' && value !== null ? new Map(Object.entries(value)).get(field) : null
    const fault = known(kind)
    return fault === null ? byKind.get(String(kind))!(value) : `.${field}${fault}`
  }
}
