import { ownProcess } from '../harness/own-process.ts'
import type { Row } from '../harness/row.ts'

// The cases of processes/at-limit.ts.
const cases = {
  'rows of 1 request': 'a row, of all services in all open windows',
  'rows of 20 requests': 'a row, of all services in all open windows',
  identities: 'an identity, of one window',
  'operations of 20 requests': 'an operation, of one window',
  'operations of all latencies': 'an operation, of a twentieth of one window',
  'operations of many latencies': 'an operation, of 20 services in all open windows',
} as const

export const memoryAtLimit: Row = {
  name: 'memory-at-limit',
  title: 'Memory of a task with its limits filled to the brim',
  promises: Object.entries(cases).flatMap(([side, unit]) => [
    { what: `bytes held for ${unit}`, side, figure: 'bytesPerUnit' },
    { what: 'MB held', side, figure: 'heldMb' },
  ]),
  open: async () => ({
    conditions: 'default limits, one partition, whatever the scale; behind a collection',
    sides: Object.keys(cases).map((name) => ({
      name,
      run: () =>
        ownProcess({
          ...{ script: '../processes/at-limit.ts', args: [name] },
          nodeOptions: ['--expose-gc'],
        }),
    })),
    warmUps: 0,
  }),
}
