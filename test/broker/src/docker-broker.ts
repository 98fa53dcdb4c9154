import { getContainerRuntimeClient, GenericContainer, Wait } from 'testcontainers'
import { imageOf } from './images.ts'
import type { RunningBroker } from './java-broker.ts'
import { freePorts } from './ports.ts'

const startMsMax = 90_000
const port = 9092

/** A broker in a container. Fails fast where no engine answers. */
export const dockerBroker = async (): Promise<RunningBroker> => {
  const { info } = await getContainerRuntimeClient()
  // Clients are told where to connect before the container exists, so the port on the host is chosen first.
  const [hostPort] = (await freePorts(1)) as [number]
  const address = `${info.containerRuntime.host}:${hostPort}`
  const container = await new GenericContainer(imageOf('kafka'))
    .withExposedPorts({ container: port, host: hostPort })
    .withEnvironment({
      KAFKA_NODE_ID: '1',
      KAFKA_PROCESS_ROLES: 'broker,controller',
      KAFKA_CONTROLLER_QUORUM_VOTERS: '1@localhost:9093',
      KAFKA_LISTENERS: `PLAINTEXT://:${port},CONTROLLER://:9093`,
      KAFKA_ADVERTISED_LISTENERS: `PLAINTEXT://${address}`,
      KAFKA_CONTROLLER_LISTENER_NAMES: 'CONTROLLER',
      KAFKA_INTER_BROKER_LISTENER_NAME: 'PLAINTEXT',
      KAFKA_LISTENER_SECURITY_PROTOCOL_MAP: 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
      KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR: '1',
      KAFKA_OFFSETS_TOPIC_NUM_PARTITIONS: '1',
      KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR: '1',
      KAFKA_TRANSACTION_STATE_LOG_MIN_ISR: '1',
      KAFKA_TRANSACTION_STATE_LOG_NUM_PARTITIONS: '1',
      KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS: '0',
      KAFKA_AUTO_CREATE_TOPICS_ENABLE: 'false',
    })
    .withWaitStrategy(Wait.forLogMessage(/Kafka Server started/))
    .withStartupTimeout(startMsMax)
    .start()
  return {
    brokers: [address],
    stop: async () => {
      await container.stop()
    },
    ended: new Promise(() => undefined),
  }
}
