import type { Terminal } from '../terminal.ts'

export type TestTerminal = Terminal & {
  readonly printed: readonly string[]
  readonly complained: readonly string[]
}

/** A terminal, or by default none, that remembers what was printed. */
export const testTerminal = (
  options: Partial<Terminal> & { readonly input?: string } = {},
): TestTerminal => {
  const printed: string[] = []
  const complained: string[] = []
  const { input = '', ...rest } = options
  return {
    out: (text) => void printed.push(text),
    err: (text) => void complained.push(text),
    outIsTerminal: false,
    errIsTerminal: false,
    columns: () => 80,
    rows: () => 24,
    colours: false,
    unicode: false,
    stdin: chunksOf(input),
    ...rest,
    printed,
    complained,
  }
}

async function* chunksOf(text: string): AsyncGenerator<Uint8Array> {
  if (text !== '') yield Buffer.from(text)
}
