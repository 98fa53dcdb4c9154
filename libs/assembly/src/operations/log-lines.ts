import type { EngineEvent } from '@tidemark/engine'
import { FencedError } from '@tidemark/log'
import type { EmbeddedLogEvent } from '@tidemark/log-embedded'
import type { KafkaLogEvent } from '@tidemark/log-kafka'
import type { SourcePosition } from '@tidemark/model'
import type { Logger } from '@tidemark/runtime'

/** What the adapters tell of themselves. */
export type LogEvent = EmbeddedLogEvent | KafkaLogEvent

/** Logs what a task tells. */
export const logTask = (logger: Logger, event: EngineEvent): void => {
  const { processor, task } = event
  switch (event.kind) {
    case 'opening':
      logger.debug('task.opening', { processor, task, message: 'acquired, opens its state' })
      return
    case 'acquired':
      logger.info('task.acquired', {
        processor,
        task,
        message: 'acquired',
        sources: event.sources.map(positionOf),
        through: event.through.map(positionOf),
      })
      return
    case 'restored': {
      const { tookMs } = event
      logger.info('task.restored', {
        processor,
        task,
        message: 'restored',
        tookMs: Math.round(tookMs),
      })
      return
    }
    case 'polled':
      return
    case 'waiting':
      logger.warn('task.waiting', { processor, task, message: `waits: ${event.reason}` })
      return
    case 'resumed':
      logger.info('task.resumed', { processor, task, message: 'waits no more' })
      return
    case 'committed':
      logger.debug('task.committed', {
        processor,
        task,
        message: 'committed',
        outputs: event.outputs,
        tookMs: Math.round(event.tookMs),
        sources: event.sources.map(positionOf),
      })
      return
    case 'released':
      logger.info('task.released', { processor, task, message: 'released' })
      return
    case 'moved':
      logger.info('task.moved', { processor, task, message: 'failed here, now of another member' })
      return
    case 'failed': {
      const { error } = event
      if (error instanceof FencedError)
        logger.warn('task.fenced', { processor, task, message: 'fenced', error })
      // The log tells of it as well, with what it does about it; or the process ends with it.
      else logger.debug('task.failed', { processor, task, message: 'failed', error })
    }
  }
}

const positionOf = ({
  topic,
  partition,
  position,
}: Pick<SourcePosition, 'topic' | 'partition' | 'position'>): string =>
  `${topic}/${partition}@${position}`

/** Logs what the adapter of the log tells. */
export const logLogEvent = (logger: Logger, event: LogEvent): void => {
  const { kind, ...fields } = event
  switch (event.kind) {
    case 'task-failed':
      logger.warn('task.retried', {
        ...fields,
        message: `task ${event.task} failed and is taken up again in ${event.againInMs} ms`,
      })
      return
    case 'lost':
      logger.warn('group.lost', {
        ...fields,
        message: `others took tasks ${event.tasks.join(', ')}, since this process was silent for too long`,
      })
      return
    case 'membership-lost':
      logger.warn('group.lost', { ...fields, message: 'out of the group, joining it again' })
      return
    case 'trouble':
      logger.warn('log.trouble', { ...fields, message: event.what })
      return
    case 'joined':
    case 'rebalancing':
    case 'left':
      logger.info(`group.${kind}`, { ...fields, message: kind })
      return
    default:
      logger.debug(`log.${kind}`, fields)
  }
}
