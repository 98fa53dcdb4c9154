// Writes src/catalogue.ts from the .avsc files; a test holds the two together.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { catalogueText } from './src/catalogue-text.ts'

writeFileSync(join(import.meta.dirname, 'src', 'catalogue.ts'), catalogueText(import.meta.dirname))
