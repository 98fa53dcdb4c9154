import type { Row } from './harness/row.ts'
import { accuracy } from './rows/accuracy.ts'
import { alertLatency } from './rows/alert-latency.ts'
import { assignment } from './rows/assignment.ts'
import { codec } from './rows/codec.ts'
import { coldStart } from './rows/cold-start.ts'
import { costs } from './rows/costs.ts'
import { curveEvents, curvePartitions, curveServices } from './rows/curves.ts'
import { delivery } from './rows/delivery.ts'
import { evaluator } from './rows/evaluator.ts'
import { folding } from './rows/folding.ts'
import { ingestEmbedded } from './rows/ingest-embedded.ts'
import { kafkaBatched } from './rows/kafka-batched.ts'
import { kafkaRead } from './rows/kafka-read.ts'
import { kafkaSingle, kafkaSingle100Ms } from './rows/kafka-single.ts'
import { memoryAtLimit } from './rows/memory-at-limit.ts'
import { memory } from './rows/memory.ts'
import { objectives } from './rows/objectives.ts'
import { quiet } from './rows/quiet.ts'
import { replayEmbedded } from './rows/replay-embedded.ts'
import { restore } from './rows/restore.ts'
import { sink } from './rows/sink.ts'
import { takeover } from './rows/takeover.ts'
import { twoProcesses } from './rows/two-processes.ts'
import { verification } from './rows/verify.ts'
import { wire } from './rows/wire.ts'

/** Every row, in the order of the table. */
export const rows: readonly Row[] = [
  kafkaSingle,
  kafkaSingle100Ms,
  kafkaBatched,
  delivery,
  twoProcesses,
  takeover,
  kafkaRead,
  folding,
  costs,
  wire,
  codec,
  replayEmbedded,
  ingestEmbedded,
  alertLatency,
  quiet,
  memory,
  memoryAtLimit,
  evaluator,
  objectives,
  sink,
  restore,
  verification,
  curveServices,
  curvePartitions,
  curveEvents,
  coldStart,
  accuracy,
  assignment,
]
