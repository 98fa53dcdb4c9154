import { expect, it, jest } from '@jest/globals'
// @ts-expect-error No types inside.
import RequestQueue from 'kafkajs/src/network/requestQueue/index.js'
// Its overrides are in place once it is loaded.
import './kafkajs-internals.ts'

type Queue = {
  readonly checkPendingRequests: () => void
  readonly destroy: () => void
  readonly pending: unknown[]
}

const queueWith = (throttledUntil: number): Queue => {
  const Class = RequestQueue as new (options: object) => Queue & { throttledUntil: number }
  const logger = { debug: () => undefined, warn: () => undefined }
  const queue = new Class({ maxInFlightRequests: null, requestTimeout: 1000, logger })
  queue.throttledUntil = throttledUntil
  return queue
}

it('sets no timer for a connection that has nothing to send', () => {
  const timers = jest.spyOn(globalThis, 'setTimeout')
  const queue = queueWith(-1)
  // kafkajs calls this after every answer, and then again each millisecond, for ever.
  queue.checkPendingRequests()
  expect(timers).not.toHaveBeenCalled()
  queue.destroy()
  timers.mockRestore()
})

it('sets one for a connection that the broker has told to wait', () => {
  const timers = jest.spyOn(globalThis, 'setTimeout')
  const queue = queueWith(Date.now() + 60_000)
  queue.pending.push({})
  queue.checkPendingRequests()
  expect(timers).toHaveBeenCalledTimes(1)
  queue.destroy()
  timers.mockRestore()
})
