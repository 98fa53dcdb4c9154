import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { answersOf, type Answers } from './answers.ts'
import { openBuffers, recycledBytesMin } from './buffers.ts'

const framed = (body: Uint8Array): Buffer => {
  const frame = Buffer.alloc(4 + body.length)
  frame.writeInt32BE(body.length)
  frame.set(body, 4)
  return frame
}

/** As a socket does it: at most what there is room for, at most `bytesMax` at a time. */
const receive = (answers: Answers, bytes: Uint8Array, bytesMax: number): void => {
  for (let at = 0; at < bytes.length;) {
    const room = answers.room()
    const end = Math.min(bytes.length, at + Math.min(room.length, bytesMax))
    room.set(bytes.subarray(at, end))
    answers.received(end - at)
    at = end
  }
}

const never = (): never => {
  throw new Error('refused')
}

describe('the answers on a connection', () => {
  it('come whole, however they were cut on their way', () => {
    const edge = recycledBytesMin - 4
    const sizes = fc.oneof(
      fc.integer({ min: 0, max: 300 }),
      fc.integer({ min: edge - 2, max: edge + 2 }),
      fc.integer({ min: edge, max: 5 * edge }),
    )
    const wanted = fc.array(sizes, { minLength: 1, maxLength: 8 })
    fc.assert(
      fc.property(wanted, fc.integer({ min: 1, max: 3 * edge }), (lengths, bytesMax) => {
        // Some thousand pieces at most.
        const piece = Math.max(bytesMax, Math.ceil(Math.max(...lengths) / 500))
        const frames = lengths.map((length, i) => framed(new Uint8Array(length).fill(i + 1)))
        const buffers = openBuffers()
        const got: Buffer[] = []
        const take = (answer: Buffer): void => {
          got.push(Buffer.from(answer))
          // As whoever asked for it does, when it has read it: the next one may come in the same memory.
          buffers.giveBack(answer.buffer)
        }
        receive(answersOf(buffers, take, never), Buffer.concat(frames), piece)
        expect(got.map((answer) => answer.length)).toEqual(frames.map((frame) => frame.length))
        expect(got.every((answer, i) => answer.equals(frames[i]!))).toBe(true)
      }),
    )
  })

  it('are not written over while nobody has given them back', () => {
    const frames = Array.from({ length: 6 }, (_, i) =>
      framed(new Uint8Array(i % 2 === 0 ? 200_000 : 50).fill(i + 1)),
    )
    const got: Buffer[] = []
    const answers = answersOf(openBuffers(), (answer) => got.push(answer), never)
    receive(answers, Buffer.concat(frames), 70_000)
    expect(got.map((answer, i) => answer.equals(frames[i]!))).toEqual(frames.map(() => true))
  })

  it.each([
    ['of HTTP', Buffer.from('HTTP/1.1 400 Bad Request\r\n'), 0x48545450],
    ['below nothing', Buffer.from([255, 255, 255, 254, 0]), -2],
  ])('are refused when a length is %s, with all that comes after', (_, bytes, length) => {
    const got: number[] = []
    const refused: number[] = []
    const answers = answersOf(
      openBuffers(),
      (answer) => got.push(answer.length),
      (announced) => refused.push(announced),
    )
    receive(answers, Buffer.concat([framed(new Uint8Array(3)), bytes]), 1000)
    receive(answers, framed(new Uint8Array(3)), 1000)
    expect({ got, refused }).toEqual({ got: [7], refused: [length] })
  })
})
