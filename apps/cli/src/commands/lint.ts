import { configurationId, defaultLayout, type Layout } from '@tidemark/model'
import { counted } from '../counted.ts'
import {
  defaultFile,
  faultLines,
  loadConfigurationFile,
  type ConfigurationFile,
} from '../configuration/configuration-file.ts'
import { reportLines } from '../configuration/lint-text.ts'
import { UsageError, type CommandContext, type ExitCode, type JsonOptions } from '../context.ts'
import { withLog } from '../open.ts'

export type LintCommandOptions = JsonOptions & {
  readonly strict?: boolean
  readonly hiddenMax?: string
}

/** Whether a file can be used, and what it comes to. Judged by the layout of a log if one is named, else by the default one. */
export const lintCommand = async (
  file: string | undefined,
  options: LintCommandOptions,
  { terminal }: CommandContext,
): Promise<ExitCode> => {
  const loaded = await loadConfigurationFile(file ?? defaultFile, {
    layout: await layoutIn(options),
    strict: options.strict ?? false,
    ...(options.hiddenMax !== undefined && { hiddenServicesMax: countIn(options.hiddenMax) }),
  })
  const { errors, warnings, configuration, report } = loaded
  if (options.json === true) {
    terminal.out(JSON.stringify(lintJson(loaded)))
  } else {
    for (const line of faultLines(loaded)) terminal.out(line)
    if (configuration !== null && report !== null) {
      terminal.out(`${loaded.file}: ${summary(loaded)}`)
      for (const line of reportLines(report)) terminal.out(line)
    } else
      terminal.out(
        `${loaded.file}: ${counted(errors.length, 'error')}, ${counted(warnings.length, 'warning')}`,
      )
  }
  return configuration === null ? 1 : 0
}

const summary = ({ configuration, warnings }: ConfigurationFile): string => {
  const { services, slos, rules } = configuration!
  const parts = [
    counted(services.length, 'service'),
    counted(slos.length, 'objective'),
    counted(rules.length, 'rule'),
    counted(warnings.length, 'warning'),
  ]
  return `${parts.join(', ')}; configuration ${configurationId(configuration!)}`
}

const lintJson = ({ file, configuration, errors, warnings, report }: ConfigurationFile) => ({
  file,
  ok: configuration !== null,
  configurationId: configuration === null ? null : configurationId(configuration),
  ...{ errors, warnings },
  burnRates: report?.burns ?? [],
  timesToAlert: report?.times ?? [],
  latencyThresholds: report?.thresholds ?? [],
})

const layoutIn = (options: LintCommandOptions): Promise<Layout> | Layout =>
  options.data === undefined && options.brokers === undefined
    ? defaultLayout
    : withLog(options, null, ({ layout }) => Promise.resolve(layout))

const countIn = (text: string): number => {
  if (/^\d{1,6}$/.test(text)) return Number(text)
  throw new UsageError(`--hidden-max: ${JSON.stringify(text)} is not an integer of 0 to 999999`)
}
