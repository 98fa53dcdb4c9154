export { sink } from './sink.ts'
export { sinkFold, sinkTopics } from './sink-fold.ts'
