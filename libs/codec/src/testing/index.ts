export { eventTypes, randomEvent, randomFrom, type Random } from './random-event.ts'
