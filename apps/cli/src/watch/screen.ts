import type { Terminal } from '../terminal.ts'

/** Lines that stay, and below them a table that is drawn again when it changes. */
export type Screen = {
  readonly line: (text: string) => void
  /** The table's lines; kept off the screen where stdout is no terminal. */
  readonly table: (lines: readonly string[]) => void
}

export const screenOn = (terminal: Terminal): Screen => {
  if (!terminal.outIsTerminal) return { line: terminal.out, table: () => undefined }
  let shown: readonly string[] = []
  const clear = (): string => (shown.length > 0 ? `\u001b[${shown.length}A\u001b[0J` : '')
  const draw = (above: string, lines: readonly string[]): void => {
    // A table taller than the terminal would scroll away from under the cursor.
    const fitting = lines
      .slice(0, Math.max(0, terminal.rows() - 2))
      .map((line) => cut(line, terminal.columns()))
    const text = [...(above === '' ? [] : [above]), ...fitting].join('\n')
    if (text !== '' || shown.length > 0) terminal.out(clear() + text)
    shown = fitting
  }
  return {
    line: (text) => {
      draw(text, shown)
    },
    table: (lines) => {
      draw('', lines)
    },
  }
}

/** What of a line fits into one row, so that rows can be counted; colours take no room, and are ended where they were. */
const cut = (line: string, columns: number): string => {
  let left = columns
  // eslint-disable-next-line no-control-regex
  return line.replaceAll(/\u001b\[\d+m|./gsu, (piece) =>
    piece.startsWith('\u001b') || left-- > 0 ? piece : '',
  )
}
