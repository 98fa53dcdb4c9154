import type { Configuration } from '@tidemark/model'
import { configurationOf } from './configuration-of.ts'
import { pathInFile } from './path-in-file.ts'
import { readDocument } from './read-document.ts'
import { file } from './schema/file.ts'
import { pathText, type Fault } from './source/fault.ts'

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
  const reading = readDocument(bytes, file, filled)
  if (!reading.ok) return reading
  const { value, faultAt } = reading
  return {
    ...{ ok: true, configuration: configurationOf(value) },
    faultAt: (path, message) => {
      const inFile = pathInFile(value, path)
      return inFile === null
        ? { line: 0, column: 0, path: pathText(path), message }
        : faultAt(inFile, message)
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
