/** A fenced block of a Markdown text: the first line of its fence as words, its text, and where it begins. */
export type Block = {
  readonly words: readonly string[]
  readonly text: string
  readonly line: number
}

/** The fenced blocks of a Markdown text, in order. A fence that is never closed is an error. */
export const blocksOf = (markdown: string): readonly Block[] => {
  const blocks: Block[] = []
  let open: { readonly words: readonly string[]; readonly line: number; lines: string[] } | null =
    null
  for (const [index, line] of markdown.split('\n').entries())
    if (!line.startsWith('```')) open?.lines.push(line)
    else if (open === null) {
      const words = line
        .slice(3)
        .split(' ')
        .filter((word) => word !== '')
      open = { words, line: index + 1, lines: [] }
    } else {
      blocks.push({ words: open.words, text: open.lines.join('\n'), line: open.line })
      open = null
    }
  if (open !== null) throw new Error(`line ${open.line}: this fence is never closed`)
  return blocks
}
