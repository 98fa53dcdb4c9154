// Writes what follows from the schema of tidemark.yaml: schemas/tidemark.schema.json for editors, and the reference in README.md. A test
// holds them together.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { format, resolveConfig } from 'prettier'
import { jsonSchema } from './src/json-schema.ts'
import { withReference } from './src/reference.ts'

const schemaFile = join(import.meta.dirname, '..', '..', 'schemas', 'tidemark.schema.json')
const options = await resolveConfig(schemaFile)
writeFileSync(
  schemaFile,
  await format(JSON.stringify(jsonSchema()), { ...options, filepath: schemaFile }),
)
const readme = join(import.meta.dirname, 'README.md')
writeFileSync(readme, withReference(readFileSync(readme, 'utf8')))
