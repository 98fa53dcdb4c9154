/** A name as OpenSLO takes it (RFC 1123): at most 63 lower-case letters, digits and dashes; another one for each. */
export const namesGiver = (): ((...parts: readonly string[]) => string) => {
  const given = new Set<string>()
  return (...parts) => {
    const base = parts
      .join('-')
      .toLowerCase()
      .replaceAll(/[^a-z0-9]+/g, '-')
      .replaceAll(/^-+|-+$/g, '')
    for (let n = 1; ; n++) {
      const suffix = n === 1 ? '' : `-${n}`
      const name = `${(base === '' ? 'x' : base).slice(0, lengthMax - suffix.length).replace(/-+$/, '')}${suffix}`
      if (given.has(name)) continue
      given.add(name)
      return name
    }
  }
}

const lengthMax = 63
