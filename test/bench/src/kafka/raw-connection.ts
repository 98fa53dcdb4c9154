import { once } from 'node:events'
import { connect } from 'node:net'

/** One connection to a broker: questions in Kafka's protocol, answered in their order, several under way at a time. */
export type RawConnection = {
  /** The body of the answer, behind the correlation id. */
  readonly ask: (apiKey: number, apiVersion: number, body: Uint8Array) => Promise<Buffer>
  readonly close: () => void
}

/** Where an answer of so many bytes is put. */
export type RoomFor = (bytes: number) => Buffer

/**
 * Two buffers in turn, since new memory costs more than what is done with it: for one question at a time, whose answer is gone when the
 * one after the next comes.
 */
export const twoBuffers = (): RoomFor => {
  const buffers = [Buffer.alloc(0), Buffer.alloc(0)]
  let turn = 0
  return (bytes) => {
    turn = 1 - turn
    if (buffers[turn]!.length < bytes) buffers[turn] = Buffer.allocUnsafe(2 * bytes)
    return buffers[turn]!.subarray(0, bytes)
  }
}

export const openRawConnection = async (
  broker: string,
  roomFor: RoomFor = Buffer.allocUnsafe,
): Promise<RawConnection> => {
  const [host, port] = broker.split(':') as [string, string]
  const socket = connect({ host, port: Number(port), noDelay: true })
  const waiting: PromiseWithResolvers<Buffer>[] = []
  let correlationId = 0
  let failure: Error | null = null
  const fail = (error: Error): void => {
    failure ??= error
    for (const { reject } of waiting.splice(0)) reject(error)
  }
  socket.on('error', fail)
  socket.on('close', () => fail(new Error(`${broker} closed the connection`)))
  socket.on(
    'data',
    answersOf(roomFor, (answer) => waiting.shift()!.resolve(answer.subarray(4))),
  )
  await once(socket, 'connect')
  return {
    ask: (apiKey, apiVersion, body) => {
      if (failure !== null) return Promise.reject(failure)
      // Length 4, key 2, version 2, correlation id 4, no client id.
      const head = Buffer.alloc(14)
      head.writeInt32BE(10 + body.length, 0)
      head.writeInt16BE(apiKey, 4)
      head.writeInt16BE(apiVersion, 6)
      head.writeInt32BE(correlationId++, 8)
      head.writeInt16BE(-1, 12)
      socket.write(Buffer.concat([head, body]))
      const answer = Promise.withResolvers<Buffer>()
      waiting.push(answer)
      return answer.promise
    },
    close: () => socket.destroy(),
  }
}

/** Puts answers together from what a socket receives. */
const answersOf = (roomFor: RoomFor, take: (answer: Buffer) => void): ((chunk: Buffer) => void) => {
  const length = Buffer.alloc(4)
  let lengthBytes = 0
  let answer: Buffer | null = null
  let filled = 0
  return (chunk) => {
    for (let at = 0; at < chunk.length;) {
      if (answer === null) {
        while (lengthBytes < 4 && at < chunk.length) length[lengthBytes++] = chunk[at++]!
        if (lengthBytes < 4) return
        answer = roomFor(length.readInt32BE())
        filled = 0
        lengthBytes = 0
      }
      const bytes = Math.min(chunk.length - at, answer.length - filled)
      chunk.copy(answer, filled, at, at + bytes)
      at += bytes
      filled += bytes
      if (filled < answer.length) continue
      const whole = answer
      answer = null
      take(whole)
    }
  }
}
