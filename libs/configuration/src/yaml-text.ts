import type { Configuration } from '@tidemark/model'
import { stringify } from 'yaml'
import { fileForm, type FormValue } from './file-form.ts'

/** A configuration as `tidemark.yaml`; reads back as the same configuration. */
export const configurationYaml = (configuration: Configuration): string =>
  yamlText(fileForm(configuration))

/** Values in YAML 1.2, long texts on one line. */
export const yamlText = (value: FormValue): string =>
  stringify(value, { version: '1.2', lineWidth: 0, aliasDuplicateObjects: false })

/** A value of a file in one line, as it could be written there. */
export const yamlLine = (value: FormValue): string =>
  stringify(value, { version: '1.2', lineWidth: 0, collectionStyle: 'flow' }).trimEnd()
