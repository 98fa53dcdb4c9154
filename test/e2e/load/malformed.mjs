import { Buffer } from 'node:buffer'

const request = {
  type: 'request',
  service: 'svc-0',
  operation: 'GET /cart',
  latencyMs: 5,
  status: 200,
}
const check = { type: 'health-check', service: 'svc-0', passed: true }

const without = (object, name) =>
  Object.fromEntries(Object.entries(object).filter(([key]) => key !== name))

/** Lines that say no event, by what is wrong with them; `at` is a time at which a good line would be in order. */
export const malformed = {
  'not JSON': () => '{"type":"request","service":"svc-0",',
  'two objects': (at) =>
    `${JSON.stringify({ ...request, at })}${JSON.stringify({ ...request, at })}`,
  'an array': (at) => JSON.stringify([{ ...request, at }]),
  'a number': () => '17',
  'a string': () => '"request"',
  null: () => 'null',
  'not UTF-8': (at) =>
    Buffer.concat([
      Buffer.from(
        `{"type":"request","service":"svc-0","latencyMs":5,"status":200,"at":${at},"operation":"`,
      ),
      Buffer.from([0xc3, 0x28]),
      Buffer.from('"}'),
    ]),
  'no type': (at) => JSON.stringify({ ...without(request, 'type'), at }),
  'another type': (at) => JSON.stringify({ ...request, at, type: 'metric' }),
  'no service': (at) => JSON.stringify({ ...without(request, 'service'), at }),
  'empty service': (at) => JSON.stringify({ ...request, at, service: '' }),
  'service with a space': (at) => JSON.stringify({ ...request, at, service: 'svc 0' }),
  'service too long': (at) => JSON.stringify({ ...request, at, service: 's'.repeat(129) }),
  'service no string': (at) => JSON.stringify({ ...request, at, service: 5 }),
  'operation too long': (at) => JSON.stringify({ ...request, at, operation: 'é'.repeat(129) }),
  'operation with a control character': (at) =>
    JSON.stringify({ ...request, at, operation: 'a\u0007b' }),
  'operation not NFC': (at) => JSON.stringify({ ...request, at, operation: 'cafe\u0301' }),
  'operation no string': (at) => JSON.stringify({ ...request, at, operation: 5 }),
  'operation with half a surrogate pair': (at) =>
    JSON.stringify({ ...request, at, operation: '\ud83d' }),
  'id no UUID': (at) => JSON.stringify({ ...request, at, id: '6f1c' }),
  'id no string': (at) => JSON.stringify({ ...request, at, id: 6 }),
  'no time': () => JSON.stringify(request),
  'time no time': () => JSON.stringify({ ...request, at: 'yesterday' }),
  'time in month 13': () => JSON.stringify({ ...request, at: '2026-13-01T00:00:00Z' }),
  'time on February 30': () => JSON.stringify({ ...request, at: '2026-02-30T00:00:00Z' }),
  'time without a zone': () => JSON.stringify({ ...request, at: '2026-02-01T00:00:00' }),
  'negative time': () => JSON.stringify({ ...request, at: -1 }),
  'time of half a microsecond': () => JSON.stringify({ ...request, at: 1.5 }),
  'no latency': (at) => JSON.stringify({ ...without(request, 'latencyMs'), at }),
  'negative latency': (at) => JSON.stringify({ ...request, at, latencyMs: -1 }),
  'latency no number': (at) => JSON.stringify({ ...request, at, latencyMs: '5' }),
  'latency of half a microsecond': (at) =>
    JSON.stringify({ ...without(request, 'latencyMs'), at, latencyUs: 1.5 }),
  'no status': (at) => JSON.stringify({ ...without(request, 'status'), at }),
  'status no number': (at) => JSON.stringify({ ...request, at, status: '200' }),
  'status of half': (at) => JSON.stringify({ ...request, at, status: 200.5 }),
  'negative status': (at) => JSON.stringify({ ...request, at, status: -200 }),
  'two latencies': (at) => JSON.stringify({ ...request, at, latencyUs: 5000 }),
  'unknown key': (at) => JSON.stringify({ ...request, at, region: 'eu' }),
  'key twice': (at) => `{"service":"svc-1",${JSON.stringify({ ...request, at }).slice(1)}`,
  'value no scalar': (at) => JSON.stringify({ ...request, at, operation: ['GET /cart'] }),
  'success no boolean': (at) => JSON.stringify({ ...request, at, success: 'true' }),
  'no outcome': (at) => JSON.stringify({ ...without(check, 'passed'), at }),
  'outcome no boolean': (at) => JSON.stringify({ ...check, at, passed: 1 }),
  'check no string': (at) => JSON.stringify({ ...check, at, check: 5 }),
  'reason no string': (at) => JSON.stringify({ ...check, at, passed: false, reason: 5 }),
}

/** Well-formed, but further ahead of everything before than publishing with event stamps allows. */
export const jump = (at, maxJumpUs) => JSON.stringify({ ...request, at: at + 2 * maxJumpUs })
