export { parseDurationMs } from './duration.ts'
export { stopSignal, type SignalSource } from './stop-signal.ts'
