import type { z } from 'zod'
import { issueMessage } from './schema/issue.ts'
import { sortedFaults, type Fault } from './source/fault.ts'
import { readYaml, type YamlDocument } from './source/yaml-source.ts'

/** What a file stands for, or everything that is wrong with it, by line. */
export type DocumentReading<T> =
  | {
      readonly ok: true
      readonly value: T
      /** A fault at a path of the file. */
      readonly faultAt: YamlDocument['faultAt']
    }
  | { readonly ok: false; readonly faults: readonly Fault[] }

/** Reads one document of YAML 1.2 by a schema, at most 4 MB; `prepare` may change its plain value before. Never throws. */
export const readDocument = <Schema extends z.ZodType>(
  bytes: Uint8Array,
  schema: Schema,
  prepare: (value: unknown) => unknown = (value) => value,
): DocumentReading<z.output<Schema>> => {
  const { documents, faults } = readYaml(bytes)
  const [document, second] = documents
  const wrong = [...faults]
  if (second !== undefined) wrong.push(second.faultAt([], 'a second document: one is expected'))
  if (document === undefined) return { ok: false, faults: sortedFaults(wrong) }
  const parsed = schema.safeParse(prepare(document.value), { error: issueMessage })
  if (!parsed.success)
    wrong.push(...parsed.error.issues.flatMap((issue) => faultsOf(issue, document)))
  if (wrong.length > 0 || !parsed.success) return { ok: false, faults: sortedFaults(wrong) }
  return { ok: true, value: parsed.data, faultAt: document.faultAt }
}

const faultsOf = (issue: z.core.$ZodIssue, document: YamlDocument): readonly Fault[] => {
  if (issue.code === 'unrecognized_keys') {
    const messages = issue.message.split('\n')
    return issue.keys.map((key, at) =>
      document.faultAtKey([...issue.path, key], messages[at] ?? issue.message),
    )
  }
  return issue.code === 'invalid_key'
    ? [document.faultAtKey(issue.path, issue.message)]
    : [document.faultAt(issue.path, issue.message)]
}
