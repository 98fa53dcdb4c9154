import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { runCommandLine, type Terminal } from '@tidemark/cli'
import { blocksOf, repository } from '@tidemark/e2e'

// examples/scenarios/README.md shows for each scenario the command that scores it, and what it prints: the scores that are expected.

export const documentPath = join(repository, 'examples/scenarios/README.md')

/** A command of the document, and what it says that the command prints. */
export type DocumentedScore = {
  readonly command: string
  readonly output: string
  readonly line: number
}

export const documented = (): readonly DocumentedScore[] => {
  const blocks = blocksOf(readFileSync(documentPath, 'utf8'))
  return blocks.flatMap(({ words, text, line }, index) => {
    if (words[0] !== 'sh') return []
    const after = blocks[index + 1]
    if (after?.words.join(' ') !== 'text output')
      throw new Error(`${documentPath}:${line}: no output stands behind this command`)
    return [{ command: text, output: after.text, line }]
  })
}

/** What a command of the document prints now; its processors, its clock and its log are in this process. */
export const printedBy = async (command: string): Promise<string> => {
  const lines: string[] = []
  const print = (text: string): void => void lines.push(text)
  const terminal: Terminal = {
    ...{ out: print, err: print, outIsTerminal: false, errIsTerminal: false },
    ...{ colours: false, unicode: false },
    ...{ columns: () => 200, rows: () => 50, stdin: nothing() },
  }
  const args = command.replace(/^npx tidemark /, '').split(' ')
  const paths = args.map((arg) => (arg.startsWith('examples/') ? join(repository, arg) : arg))
  const { signal } = new AbortController()
  await runCommandLine(paths, { terminal, signal, process })
  return lines.join('\n')
}

async function* nothing(): AsyncGenerator<Uint8Array> {}

/** The document with what its commands print now. */
export const withOutputs = async (markdown: string): Promise<string> => {
  let text = markdown
  for (const { command, output } of documented())
    text = text.replace(
      `${command}\n\`\`\`\n\n\`\`\`text output\n${output}\n`,
      `${command}\n\`\`\`\n\n\`\`\`text output\n${await printedBy(command)}\n`,
    )
  return text
}
