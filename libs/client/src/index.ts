export {
  consumeAlerts,
  type AlertConsumerOptions,
  type AlertPositions,
  type ConsumedAlert,
} from './alert-consumer.ts'
export { consumeAlertsInGroup, type AlertGroupOptions } from './alert-group.ts'
export type { AlertPosition } from './alert-position.ts'
export { NotAnAlertError } from './alert-records.ts'
export {
  openPublisher,
  PublisherClosedError,
  QueueFullError,
  type PublishableEvent,
  type Published,
  type Publisher,
  type PublisherOptions,
} from './publisher.ts'
