export { describeWithBroker } from './describe-with-broker.ts'
export { consoleConsumer, describeWithJava } from './java-tools.ts'
export { startBroker, type TestBroker } from './start-broker.ts'
