import { describeLog, type LogUnderTest } from '@tidemark/log/conformance'
import { openBroker } from './broker/broker.ts'
import { openChronicle } from './chronicle.ts'
import { simulatedLog } from './client/client.ts'
import { startProcess } from './client/process.ts'
import { rightBehaviour } from './sabotage.ts'
import { scheduler } from './scheduler.ts'

const sessionMs = 9000

/** A world without faults, in which time passes whenever the test waits. */
const makeLog = async (): Promise<LogUnderTest> => {
  const time = scheduler(0)
  const chronicle = openChronicle(time)
  const broker = openBroker({
    ...{ time, chronicle, sessionMs, rebalanceMs: 6000, transactionMs: 8000 },
    // The suite compares the log's times with its own clock.
    wallMs: Date.now,
    stampsGoBack: false,
    markerDelayMs: () => 0,
    isFull: () => false,
    abortsAfter: () => null,
  })
  let isClosed = false
  const turn = (): void => {
    if (isClosed) return
    time.step()
    setImmediate(turn)
  }
  setImmediate(turn)
  let processes = 0
  const open = async () => {
    const process = startProcess({
      name: `process-${++processes}`,
      time,
      wallMs: Date.now,
      fateOf: () => ({ effectsMs: [1], answerMs: 0, then: null }),
    })
    return simulatedLog({
      ...{ broker, process, chronicle, sessionMs, fencesItself: true, behaviour: rightBehaviour },
      reached: () => undefined,
      cutPoll: (wants, bytesMax) => ({ wants, bytesMax }),
      draw: () => 0,
      kept: new Map(),
    })
  }
  return {
    log: await open(),
    open,
    usurp: async () => {
      broker.groups.expire('aggregator')
      return open()
    },
    trim: async (topic, partition, below) => broker.partition(topic, partition).trim(below),
    close: async () => {
      isClosed = true
    },
  }
}

describeLog('simulated', makeLog, { atomicCommit: true, fencedCommit: true, trim: true })
