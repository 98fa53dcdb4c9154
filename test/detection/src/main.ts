import { readFileSync, writeFileSync } from 'node:fs'
import { documentPath, withOutputs } from './documented.ts'

// Writes what examples/scenarios/README.md says that its commands print: to be looked at, line by line, before it is committed.

writeFileSync(documentPath, await withOutputs(readFileSync(documentPath, 'utf8')))
