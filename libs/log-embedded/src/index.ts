export { openEmbeddedLog, type EmbeddedLog } from './embedded-log.ts'
export type { Maintained } from './maintenance.ts'
export type { EmbeddedLogEvent, EmbeddedLogOptions } from './options.ts'
