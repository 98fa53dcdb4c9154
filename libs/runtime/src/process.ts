// What a program needs before it knows what it is asked to do: without logs and metrics, which take their time to load.
export { exitCodeOf, exitCodes, type ExitCode } from './exit-codes.ts'
export { stopSignal, type SignalSource } from './stop-signal.ts'
