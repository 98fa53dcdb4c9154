// Reads [{ path, text }] from standard input and prints, for each, the rules that object to the text
// when it stands at that path. A program of its own, because ESLint loads its configuration as an
// ES module, which Jest's CommonJS world cannot.
import { text } from 'node:stream/consumers'
import { ESLint } from 'eslint'
import { root } from './repository.ts'

type Snippet = { readonly path: string; readonly text: string }

const snippets = JSON.parse(await text(process.stdin)) as readonly Snippet[]
const eslint = new ESLint({ cwd: root })
const rules: string[][] = []
for (const snippet of snippets) {
  const [result] = await eslint.lintText(snippet.text, { filePath: `${root}/${snippet.path}` })
  rules.push(result?.messages.map(({ ruleId, message }) => ruleId ?? message) ?? ['not linted'])
}
process.stdout.write(JSON.stringify(rules))
