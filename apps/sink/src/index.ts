export { sink } from './sink.ts'
