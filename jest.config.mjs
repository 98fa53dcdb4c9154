import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

const root = import.meta.dirname

/** The tests beside the code are one tier; every package below test/ is another. */
const tiers = [
  { name: 'unit', roots: ['apps', 'libs', 'schemas'] },
  ...readdirSync(join(root, 'test'))
    .filter((name) => name !== 'bench' && existsSync(join(root, 'test', name, 'package.json')))
    .map((name) => ({ name, roots: [`test/${name}`] })),
]

export default {
  testTimeout: 60_000,
  projects: tiers.map(({ name, roots }) => ({
    displayName: name,
    rootDir: root,
    roots: roots.map((path) => join(root, path)),
    preset: './test/jest-preset.cjs',
  })),
}
