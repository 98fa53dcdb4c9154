export { describeWithBroker, describeWithJava } from './describe-with-broker.ts'
