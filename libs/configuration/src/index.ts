export { fileForm, ruleForm, serviceForm, sloForm, type Form, type FormValue } from './file-form.ts'
export { readConfiguration, type ConfigurationReading } from './read-configuration.ts'
export { faultText, type Fault } from './source/fault.ts'
export { configurationYaml } from './yaml-text.ts'
