export { consoleConsumer } from './console-consumer.ts'
export { startBroker, type TestBroker } from './start-broker.ts'
