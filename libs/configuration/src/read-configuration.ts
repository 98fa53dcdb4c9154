import type { Configuration } from '@tidemark/model'
import type { z } from 'zod'
import { configurationOf } from './configuration-of.ts'
import { pathInFile } from './path-in-file.ts'
import { file } from './schema/file.ts'
import { issueMessage } from './schema/issue.ts'
import { pathText, sortedFaults, type Fault } from './source/fault.ts'
import { readYaml, type YamlDocument } from './source/yaml-source.ts'

/** The configuration that a file stands for, or everything that is wrong with it, by line. */
export type ConfigurationReading =
  | {
      readonly ok: true
      readonly configuration: Configuration
      /** What is wrong with a part of the configuration, where the file says it; in line 0 where it says nothing of it. */
      readonly faultAt: (path: readonly string[], message: string) => Fault
    }
  | { readonly ok: false; readonly faults: readonly Fault[] }

/** Reads `tidemark.yaml`, at most 4 MB of YAML 1.2. Never throws. */
export const readConfiguration = (bytes: Uint8Array): ConfigurationReading => {
  const { documents, faults } = readYaml(bytes)
  const [document, second] = documents
  const wrong = [...faults]
  if (second !== undefined) wrong.push(second.faultAt([], 'a second document: one is expected'))
  if (document === undefined) return { ok: false, faults: sortedFaults(wrong) }
  const parsed = file.safeParse(filled(document.value), { error: issueMessage })
  if (!parsed.success)
    wrong.push(...parsed.error.issues.flatMap((issue) => faultsOf(issue, document)))
  if (wrong.length > 0 || !parsed.success) return { ok: false, faults: sortedFaults(wrong) }
  const data = parsed.data
  return {
    ...{ ok: true, configuration: configurationOf(data) },
    faultAt: (path, message) => {
      const inFile = pathInFile(data, path)
      return inFile === null
        ? { line: 0, column: 0, path: pathText(path), message }
        : document.faultAt(inFile, message)
    },
  }
}

/** A key that nothing stands behind is as good as left out, at the top and for a service. */
const filled = (value: unknown): unknown => {
  if (value === null) return {}
  if (!isMapping(value)) return value
  const given = Object.entries(value).filter(([, each]) => each !== null)
  return Object.fromEntries(
    given.map(([key, each]) => [key, key === 'services' ? filledServices(each) : each]),
  )
}

const filledServices = (services: unknown): unknown =>
  isMapping(services)
    ? Object.fromEntries(Object.entries(services).map(([name, each]) => [name, each ?? {}]))
    : services

const isMapping = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

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
