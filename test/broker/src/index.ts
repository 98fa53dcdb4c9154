export { brokerSource, describeWithBroker } from './describe-with-broker.ts'
export { kafkaJars } from './kafka-jars.ts'
export { startBroker, type TestBroker } from './start-broker.ts'
