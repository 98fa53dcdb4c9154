import { checkBounds } from '../bounds.ts'
import { checkByOracle } from '../by-oracle.ts'
import { checkRejections } from '../rejections.ts'
import type { Plant } from './plant.ts'
import { without, withDerived, withEvent, withRepeat } from './planting.ts'

/** Faults in refusals and bounds, and those that only a second computation sees: I10 to I12. */
export const plantedOutputs: readonly Plant[] = [
  [
    'a refusal that is there twice',
    checkRejections,
    'I10',
    /once more/,
    (evidence) => withRepeat(evidence, 'RecordRejected'),
  ],
  [
    'a refusal with other bytes',
    checkRejections,
    'I10',
    /other bytes/,
    (evidence) =>
      withEvent(evidence, 'RecordRejected', (event) => ({ ...event, value: Buffer.from('x') })),
  ],
  [
    'a refusal of a record that does not exist',
    checkRejections,
    'I10',
    /no such record/,
    (evidence) =>
      withEvent(evidence, 'RecordRejected', (event) => ({
        ...event,
        cause: { ...event.cause, offset: 1_000_000 },
      })),
  ],
  [
    'a refusal that says more bytes than it may',
    checkBounds,
    'I11',
    /5000 bytes of a refused value, at most 4096/,
    (evidence) =>
      withEvent(evidence, 'RecordRejected', (event) => ({ ...event, value: Buffer.alloc(5000) })),
  ],
  [
    'more services in a window than the cap',
    checkBounds,
    'I11',
    /services, at most 1/,
    (evidence) => ({
      ...evidence,
      layout: { ...evidence.layout, limits: { ...evidence.layout.limits, servicesPerWindow: 1 } },
    }),
  ],
  [
    'more operations in a window than the cap, over all services',
    checkBounds,
    'I11',
    /operations or checks of all services, at most 1/,
    (evidence) => ({
      ...evidence,
      layout: { ...evidence.layout, limits: { ...evidence.layout.limits, operationsPerWindow: 1 } },
    }),
  ],
  [
    'a ledger that adds up and counts a late event as a repeat',
    checkByOracle,
    'I2',
    /ledger/,
    (evidence) =>
      withEvent(
        evidence,
        'PartitionAdvanced',
        (event) => ({
          ...event,
          ledger: {
            ...event.ledger,
            late: event.ledger.late - 1,
            duplicate: event.ledger.duplicate + 1,
          },
        }),
        ({ ledger }) => ledger.late > 0,
      ),
  ],
  [
    'a window that holds another maximum',
    checkByOracle,
    'I3',
    /latencyUsMax/,
    (evidence) =>
      withEvent(evidence, 'RequestWindowClosed', (event) => ({
        ...event,
        latencyUsMax: event.latencyUsMax! + 1,
      })),
  ],
  [
    'a window that was never closed',
    checkByOracle,
    'I4',
    /instead of/,
    (evidence) => without(evidence, 'HealthWindowClosed'),
  ],
  [
    'an alert that is raised a window late',
    checkByOracle,
    'I7',
    /windowEndUs/,
    (evidence) =>
      withEvent(evidence, 'AlertRaised', (event) => ({
        ...event,
        windowEndUs: event.windowEndUs + 10_000_000,
      })),
  ],
  [
    'a fact that is handed on with another clock',
    checkByOracle,
    'I12',
    /FactApplied: clockMs/,
    (evidence) =>
      withEvent(evidence, 'FactApplied', (event) => ({ ...event, clockMs: event.clockMs + 1 })),
  ],
  [
    'a refusal that is missing',
    checkByOracle,
    'I10',
    /rejected/,
    (evidence) => without(evidence, 'RecordRejected'),
  ],
  [
    'a slice that has forgotten a service',
    checkByOracle,
    'I12',
    /fleet .*rows/,
    (evidence) =>
      withEvent(
        evidence,
        'FleetSlice',
        (event) => ({ ...event, rows: event.rows.slice(1) }),
        ({ rows }) => rows.length > 0,
      ),
  ],
  [
    'a report that nobody can read',
    checkByOracle,
    'I12',
    /not readable/,
    (evidence) =>
      withDerived(evidence, (derived) => [
        ...derived,
        { ...derived.at(-1)!, topic: 'platform-reports', partition: 0, value: Buffer.from('x') },
      ]),
  ],
]
