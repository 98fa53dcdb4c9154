/** The whole text against a pattern in which `*` stands for any characters, none included; in time linear in text x stars. */
export const globOf = (pattern: string): ((text: string) => boolean) => {
  const pieces = pattern.split('*')
  const first = pieces[0]!
  const last = pieces.at(-1)!
  const between = pieces.slice(1, -1)
  if (pieces.length === 1) return (text) => text === pattern
  return (text) => {
    if (text.length < first.length + last.length) return false
    if (!text.startsWith(first) || !text.endsWith(last)) return false
    // The leftmost place of each piece leaves the most for those behind it.
    let at = first.length
    for (const piece of between) {
      const found = text.indexOf(piece, at)
      if (found < 0) return false
      at = found + piece.length
    }
    return at + last.length <= text.length
  }
}
