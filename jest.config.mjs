import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

const root = import.meta.dirname

/** The tests beside the code are one tier; every package below test/ is another. */
const tiers = [
  { name: 'unit', roots: ['apps', 'libs', 'schemas'] },
  ...readdirSync(join(root, 'test'))
    .filter((name) => existsSync(join(root, 'test', name, 'package.json')))
    .map((name) => ({ name, roots: [`test/${name}`] })),
]

/** The suites of log and store once more, on servers in containers: `npm run test:containers` starts those, and asks for this tier. */
const containers = {
  name: 'containers',
  roots: ['test/conformance', 'test/postgres'],
  testMatch: ['conformance/src/kafka.test.ts', 'postgres/src/store.test.ts'].map((file) =>
    join(root, 'test', file),
  ),
}
if (process.env.TIDEMARK_CONTAINERS === 'true') tiers.push(containers)

export default {
  // It ends what hangs, and nothing that is only slow, be the machine ten times as busy as it should be.
  testTimeout: 180_000,
  projects: tiers.map(({ name, roots, testMatch }) => ({
    displayName: name,
    rootDir: root,
    roots: roots.map((path) => join(root, path)),
    preset: './test/jest-preset.cjs',
    ...(testMatch !== undefined && { testMatch }),
  })),
}
