import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from '@jest/globals'
import { root } from './repository.ts'

type Snippet = { readonly path: string; readonly text: string; readonly rule: string | undefined }

const boundary = '@nx/enforce-module-boundaries'
const model = 'libs/model/src/index.ts'
const wire = 'libs/wire/src/index.ts'

const snippets: Readonly<Record<string, Snippet>> = {
  'a Node module in the core': {
    path: model,
    text: "import { readFileSync } from 'node:fs'\nexport const a = readFileSync\n",
    rule: 'no-restricted-imports',
  },
  'a Node module imported late in the core': {
    path: model,
    text: "export const a = () => import('node:fs')\n",
    rule: 'no-restricted-syntax',
  },
  'the clock in the core': core('Date.now()', 'no-restricted-properties'),
  'a date of now in the core': core('new Date()', 'no-restricted-syntax'),
  'a date text of now in the core': core('Date()', 'no-restricted-syntax'),
  'randomness in the core': core('Math.random()', 'no-restricted-properties'),
  'a timer in the core': core('setTimeout(() => 1, 1)', 'no-restricted-globals'),
  'a repeated timer in the core': core('setInterval(() => 1, 1)', 'no-restricted-globals'),
  'an immediate in the core': core('setImmediate(() => 1)', 'no-restricted-globals'),
  'the performance clock in the core': core('performance.now()', 'no-restricted-globals'),
  'the process in the core': core('process.env', 'no-restricted-globals'),
  'the console in the core': core("console.log('x')", 'no-restricted-globals'),
  'a package in the core': {
    path: wire,
    text: "import { Kafka } from 'kafkajs'\nexport const a = Kafka\n",
    rule: boundary,
  },
  'a package of another part of the core': {
    path: wire,
    text: "import { build } from 'hdr-histogram-js'\nexport const a = build\n",
    rule: boundary,
  },
  'an import from the core up to the port': {
    path: model,
    text: "import * as log from '@tidemark/log'\nexport const a = log\n",
    rule: boundary,
  },
  'an import from the core up to a second entry of the port': {
    path: model,
    text: "import * as log from '@tidemark/log/conformance'\nexport const a = log\n",
    rule: boundary,
  },
  'an import from the engine to an adapter': {
    path: 'libs/engine/src/index.ts',
    text: "import * as log from '@tidemark/log-embedded'\nexport const a = log\n",
    rule: boundary,
  },
  'an import across folders into another project': {
    path: wire,
    text: "import * as model from '../../model/src/index.ts'\nexport const a = model\n",
    rule: boundary,
  },
  'an import from a lib to an app': {
    path: 'libs/assembly/src/index.ts',
    text: "import * as cli from '@tidemark/cli'\nexport const a = cli\n",
    rule: boundary,
  },
  'a package that the project does not declare': {
    path: 'libs/engine/src/index.ts',
    text: "import { Kafka } from 'kafkajs'\nexport const a = Kafka\n",
    rule: boundary,
  },
  'a default export': {
    path: model,
    text: 'const a = 1\nexport default a\n',
    rule: 'no-restricted-syntax',
  },
  'a star export': {
    path: 'libs/engine/src/index.ts',
    text: "export * from '@tidemark/model'\n",
    rule: 'no-restricted-syntax',
  },
  'no allowed import': {
    path: wire,
    text: "import * as model from '@tidemark/model'\nexport const a = model\n",
    rule: undefined,
  },
  'no package that is named for the project': {
    path: 'libs/histogram/src/index.ts',
    text: "import { build } from 'hdr-histogram-js'\nexport const a = build\n",
    rule: undefined,
  },
  'no date made from a number': core('new Date(0)', undefined),
}

describe('the linter', () => {
  const rulesOf = new Map<string, readonly string[]>()

  // One process for all, since loading the workspace takes seconds.
  beforeAll(() => {
    const found = lint(Object.values(snippets))
    for (const [index, name] of Object.keys(snippets).entries()) {
      rulesOf.set(name, found[index] ?? ['not linted'])
    }
  }, 180_000)

  it.each(Object.entries(snippets))('objects to %s', (name, { rule }) => {
    if (rule === undefined) expect(rulesOf.get(name)).toEqual([])
    else expect(rulesOf.get(name)).toContain(rule)
  })
})

function core(expression: string, rule: string | undefined): Snippet {
  return { path: model, text: `export const a = ${expression}\n`, rule }
}

function lint(inputs: readonly Snippet[]): readonly (readonly string[])[] {
  const program = join(import.meta.dirname, './lint-snippets.ts')
  const output = execFileSync(process.execPath, [program], {
    cwd: root,
    encoding: 'utf8',
    input: JSON.stringify(inputs),
  })
  return JSON.parse(output) as readonly (readonly string[])[]
}
