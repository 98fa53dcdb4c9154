export { startCluster, type Cluster, type ClusterNode, type ClusterOptions } from './cluster.ts'
export { consoleConsumer } from './console-consumer.ts'
export { startBroker, type TestBroker } from './start-broker.ts'
