import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { figuresIn } from './figures.ts'
import { withCapacity } from './page.ts'

// `npm run bench:capacity`: computes the tables of docs/capacity.md from those of the README. `bench:report` does so as well.

const root = join(import.meta.dirname, '../../../..')
const page = join(root, 'docs/capacity.md')
const figures = figuresIn(readFileSync(join(root, 'README.md'), 'utf8'))
writeFileSync(page, withCapacity(readFileSync(page, 'utf8'), figures))
