import { readFile, stat } from 'node:fs/promises'
import {
  faultText,
  fileBytesMax,
  findingFault,
  lint,
  readConfiguration,
  sortedFaults,
  type Fault,
  type LintReport,
} from '@tidemark/configuration'
import type { Configuration, Layout } from '@tidemark/model'
import { UsageError } from '../context.ts'

export const defaultFile = 'tidemark.yaml'

/** What a file says, and what is wrong with it. */
export type ConfigurationFile = {
  readonly file: string
  /** Null where there are errors: it cannot be read, or cannot be worked with, or makes no sense. */
  readonly configuration: Configuration | null
  readonly errors: readonly Fault[]
  readonly warnings: readonly Fault[]
  /** Null where it could not be read. */
  readonly report: LintReport | null
}

/** How many services a silence may hide without a word, unless somebody says otherwise. */
export const hiddenServicesMaxDefault = 10

export type FileOptions = {
  readonly layout: Pick<Layout, 'windowUs' | 'graceUs' | 'tickIntervalMs' | 'histogram'>
  readonly hiddenServicesMax?: number
  /** Warnings are errors. */
  readonly strict?: boolean
}

/** Reads and lints a file. UsageError where there is none. */
export const loadConfigurationFile = async (
  file: string,
  options: FileOptions,
): Promise<ConfigurationFile> => lintBytes(file, await bytesOf(file), options)

/** The same for what was read of a file. */
export const lintBytes = (
  file: string,
  bytes: Uint8Array,
  { layout, hiddenServicesMax = hiddenServicesMaxDefault, strict = false }: FileOptions,
): ConfigurationFile => {
  const reading = readConfiguration(bytes)
  if (!reading.ok)
    return { file, configuration: null, errors: reading.faults, warnings: [], report: null }
  const { configuration, faultAt } = reading
  const report = lint(configuration, { layout, nowUs: Date.now() * 1000, hiddenServicesMax })
  const told = (isError: boolean): readonly Fault[] =>
    sortedFaults(
      report.findings
        .filter(({ severity }) => (severity === 'error' || strict) === isError)
        .map((finding) => findingFault(finding, faultAt)),
    )
  const errors = told(true)
  return {
    ...{ file, errors, warnings: told(false), report },
    configuration: errors.length === 0 ? configuration : null,
  }
}

/** The bytes of a file, of one that is too large only so many that it is found to be. */
export const bytesOf = async (file: string): Promise<Uint8Array> => {
  try {
    const { size } = await stat(file)
    return size > fileBytesMax ? new Uint8Array(fileBytesMax + 1) : await readFile(file)
  } catch (error) {
    throw new UsageError(
      `${file}: cannot be read: ${error instanceof Error ? error.message : String(error)}`,
      { cause: error },
    )
  }
}

/** One line for each error and warning, as compilers write them. */
export const faultLines = ({ file, errors, warnings }: ConfigurationFile): readonly string[] => [
  ...errors.map((fault) => faultText(file, fault, 'error')),
  ...warnings.map((fault) => faultText(file, fault, 'warning')),
]

/** A file that holds a configuration to go on with; ConfigurationFileError with every error where it does not. */
export const soundConfiguration = (loaded: ConfigurationFile): Configuration => {
  if (loaded.configuration === null) throw new ConfigurationFileError(loaded)
  return loaded.configuration
}

/** A file with errors: each is a line of the message. */
export class ConfigurationFileError extends Error {
  readonly code = 'configuration_file'
  readonly retriable = false

  constructor(loaded: ConfigurationFile) {
    super([`${loaded.file} cannot be used:`, ...faultLines(loaded)].join('\n'))
  }
}
