import type { Logger } from '@tidemark/runtime'
import type { LiveEvent } from './live.ts'

/** Logs what happens to live traffic, apart from what is meant to. */
export const logTraffic = (logger: Logger, event: LiveEvent): void => {
  switch (event.kind) {
    case 'moved': {
      const seconds = event.byUs / 1_000_000
      logger.warn('traffic.moved', { message: `traffic goes on ${seconds} s later`, seconds })
      return
    }
    case 'retried':
      logger.warn('traffic.retried', { message: 'sends again', error: event.error })
      return
    case 'fault':
    case 'sent':
      logger.debug(`traffic.${event.kind}`)
  }
}
