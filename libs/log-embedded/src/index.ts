export { openEmbeddedLog, type EmbeddedLog, type EmbeddedLogOptions } from './embedded-log.ts'
