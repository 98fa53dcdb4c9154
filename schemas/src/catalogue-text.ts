import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * The text of `catalogue.ts`: every `.avsc` file of `folder` and of `folder/older` as a constant. Type stripping, Jest and esbuild
 * have no common way to import an `.avsc` file, and only a constant lets the compiler compare a schema with its type.
 */
export const catalogueText = (folder: string): string => {
  const currents = filesOf(folder, /^([A-Za-z]+)\.avsc$/)
  const olders = filesOf(join(folder, 'older'), /^([A-Za-z]+)\.(\d+)\.avsc$/)
  const events = [...new Set(olders.map(({ event }) => event))]
  return [
    '// Written by `npm run generate -w @tidemark/schemas` from the .avsc files. Do not edit.',
    '',
    ...currents.flatMap(({ event, json }) => constant(event, json)),
    ...olders.flatMap(({ event, version, json }) => constant(`${event}${version}`, json)),
    '/** What is written now, by name of the event. */',
    'export const currentSchemas = {',
    ...currents.map(({ event }) => `  ${event},`),
    '} as const',
    '',
    '/** What was written before and is still read, oldest first. */',
    'export const olderSchemas = {',
    ...events.map((event) => `  ${event}: [${namesOf(olders, event).join(', ')}],`),
    '} as const',
    '',
  ].join('\n')
}

type SchemaFile = { readonly event: string; readonly version: string; readonly json: string }

const filesOf = (folder: string, pattern: RegExp): readonly SchemaFile[] =>
  readdirSync(folder)
    .flatMap((name) => {
      const match = pattern.exec(name)
      if (match === null) return []
      const [, event = '', version = ''] = match
      const schema: unknown = JSON.parse(readFileSync(join(folder, name), 'utf8'))
      return [{ event, version, json: JSON.stringify(schema) }]
    })
    .sort((a, b) =>
      a.event === b.event ? Number(a.version) - Number(b.version) : a.event < b.event ? -1 : 1,
    )

const constant = (name: string, json: string): readonly string[] => [
  '// prettier-ignore',
  `const ${name} = ${json} as const`,
  '',
]

const namesOf = (files: readonly SchemaFile[], event: string): readonly string[] =>
  files.filter((file) => file.event === event).map(({ version }) => `${event}${version}`)
