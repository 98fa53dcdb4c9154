export { openKafkaLog } from './kafka-log.ts'
export type { Delivery, KafkaLogEvent, KafkaLogOptions, LogClock } from './options.ts'
