import { imageOf } from '@tidemark/broker'
import { getContainerRuntimeClient, GenericContainer } from 'testcontainers'
import { untilReady, urlOf, type ServerAddress } from './server-address.ts'

const port = 5432

/** PostgreSQL in a container. Fails fast where no engine answers. */
export const dockerPostgres = async (): Promise<{
  readonly address: ServerAddress
  readonly stop: () => Promise<void>
}> => {
  await getContainerRuntimeClient()
  const account = { user: 'owner', password: 'owner' }
  const container = await new GenericContainer(imageOf('postgres'))
    .withExposedPorts(port)
    .withEnvironment({ POSTGRES_USER: account.user, POSTGRES_PASSWORD: account.password })
    .withStartupTimeout(120_000)
    .start()
  const stop = async (): Promise<void> => {
    await container.stop()
  }
  const address = { ...account, host: container.getHost(), port: container.getMappedPort(port) }
  const failure = await untilReady(urlOf(address, 'postgres'))
  if (failure === null) return { address, stop }
  await stop()
  throw new Error(failure)
}
