export type { EncodedEvent, EngineClock, EngineEvent, EngineOptions, TaskEvent } from './options.ts'
export { catchUp, runProcessor } from './run-processor.ts'
export { runTask } from './run-task.ts'
