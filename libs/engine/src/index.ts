export type { EncodedEvent, EngineClock, EngineEvent, EngineOptions } from './options.ts'
export { catchUp, runProcessor } from './run-processor.ts'
export { runTask } from './run-task.ts'
