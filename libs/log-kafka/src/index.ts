export { openKafkaLog } from './kafka-log.ts'
export type { KafkaLogEvent, KafkaLogOptions, LogClock } from './options.ts'
