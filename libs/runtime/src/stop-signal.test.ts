import { EventEmitter } from 'node:events'
import { expect, it } from '@jest/globals'
import { stopSignal } from './stop-signal.ts'

const source = () => {
  const emitter = new EventEmitter()
  const exits: number[] = []
  const exit = ((code: number) => {
    exits.push(code)
  }) as (code: number) => never
  return { emitter, exits, signal: stopSignal({ on: emitter.on.bind(emitter), exit }) }
}

it('aborts at the first signal and does not exit', () => {
  const { emitter, exits, signal } = source()
  expect(signal.aborted).toBe(false)
  emitter.emit('SIGTERM')
  expect(signal.aborted).toBe(true)
  expect(signal.reason).toBe('SIGTERM')
  expect(exits).toEqual([])
})

it('exits at once at the second, whichever it is', () => {
  const { emitter, exits } = source()
  emitter.emit('SIGTERM')
  emitter.emit('SIGINT')
  expect(exits).toEqual([130])
})
