import { aggregatorFold } from '@tidemark/aggregation'
import { inputSchemas } from '@tidemark/codec'
import type { DerivedEvent, Digest, RecordBatches, RequestWindowClosed } from '@tidemark/model'
import { recordCursor, writeRecordBatch, type BatchEntry } from '@tidemark/wire'
import { altered, type Alteration } from './altered-fold.ts'
import type { Saboteur } from './saboteur.ts'

const bug = (
  name: string,
  invariant: Saboteur['invariant'],
  alteration: () => Alteration,
): Saboteur => ({
  ...{ name, invariant },
  sabotage: () => ({
    name,
    processor: (processor) => altered(processor, 'aggregator', alteration),
  }),
})

/** An output with another event in it, if `change` takes it. */
const changed =
  <T extends DerivedEvent['type']>(
    type: T,
    change: (event: Extract<DerivedEvent, { type: T }>) => Extract<DerivedEvent, { type: T }>,
  ): NonNullable<Alteration['output']> =>
  (output, emit) =>
    emit(
      output.event.type === type
        ? { ...output, event: change(output.event as Extract<DerivedEvent, { type: T }>) }
        : output,
    )

/** Bugs in the fold of the inputs. */
export const ofAggregator: readonly Saboteur[] = [
  bug('does not send what it refuses', 'I10', () => ({
    output: (output, emit) => {
      if (output.topic !== 'rejected') emit(output)
    },
  })),
  {
    name: 'counts duplicates',
    invariant: 'I2',
    sabotage: (layout) => ({
      name: 'counts duplicates',
      processor: (processor) => {
        if (processor.name !== 'aggregator') return processor
        // Above a cap of 0 identities, repeats are not looked for.
        const limits = { ...layout.limits, identitiesPerWindow: 0 }
        const forgetful = { layout: { ...layout, limits }, schemas: inputSchemas }
        return altered(
          {
            ...processor,
            open: (partition, checkpoint) =>
              aggregatorFold({ ...forgetful, partition, checkpoint }),
          },
          'aggregator',
          () => ({
            output: (output, emit) =>
              emit(
                'identityChecked' in output.event
                  ? { ...output, event: { ...output.event, identityChecked: true } }
                  : output,
              ),
          }),
        )
      },
    }),
  },
  bug('takes a latency that is no number into the count, but into no slot', 'I3', () => {
    let notNumbers = 0
    return {
      output: (output, emit) => {
        const { event } = output
        if (event.type === 'RecordRejected' && event.reason === 'bad_value') {
          notNumbers++
          return
        }
        emit(event.type === 'RequestWindowClosed' ? { ...output, event: withMore(event) } : output)
      },
    }
    function withMore(event: RequestWindowClosed): RequestWindowClosed {
      const more = notNumbers
      notNumbers = 0
      return { ...event, total: event.total + more }
    }
  }),
  bug('adds up digests as floats', 'I3', () => {
    const rounded = (digest: string): Digest =>
      BigInt.asUintN(64, BigInt(Number(BigInt(`0x${digest}`))))
        .toString(16)
        .padStart(16, '0') as Digest
    return {
      output: changed('RequestWindowClosed', (event) => ({
        ...event,
        input: { ...event.input, digest: rounded(event.input.digest) },
      })),
    }
  }),
  bug('closes windows one record late', 'I4', () => {
    const lastMs = new Map<string, number>()
    return { fed: (batches) => withEarlierClocks(batches, lastMs) }
  }),
]

/** Each record with the timestamp of the one before it, so that the clock passes a close one record later. */
const withEarlierClocks = (batches: RecordBatches, lastMs: Map<string, number>): RecordBatches => {
  const { topic, partition, fromOffset } = batches
  const name = `${topic}/${partition}`
  const cursor = recordCursor()
  cursor.open(batches)
  const entries: BatchEntry[] = []
  while (cursor.next()) {
    const { bytes, keyStart, keyEnd, valueStart, valueEnd, timestampMs } = cursor
    entries.push({
      key: keyEnd < 0 ? null : bytes.slice(keyStart, keyEnd),
      value: valueEnd < 0 ? null : bytes.slice(valueStart, valueEnd),
      timestampMs: lastMs.get(name) ?? timestampMs,
    })
    lastMs.set(name, timestampMs)
  }
  return entries.length === 0
    ? batches
    : { ...batches, bytes: writeRecordBatch(entries, fromOffset) }
}
