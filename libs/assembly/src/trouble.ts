import type { EmbeddedLogEvent } from '@tidemark/log-embedded'
import type { KafkaLogEvent } from '@tidemark/log-kafka'

/** What a log does about trouble, for whoever runs the process to read; null for what is no trouble. */
export const troubleLine = (event: EmbeddedLogEvent | KafkaLogEvent): string | null => {
  switch (event.kind) {
    case 'task-failed': {
      const name = 'group' in event ? event.group : event.processor
      return `${name}: task ${event.task} failed and is taken up again in ${event.againInMs} ms: ${messageOf(event.error)}`
    }
    case 'lost':
      return `${event.processor}: others took tasks ${event.tasks.join(', ')}, since this process was silent for too long`
    case 'membership-lost':
      return `${event.group}: out of the group, joining it again: ${event.reason}`
    case 'trouble':
      return `${event.what}: ${messageOf(event.error)}`
    default:
      return null
  }
}

const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error)
