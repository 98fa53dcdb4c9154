import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { connect } from 'node:net'
import { startCluster, type Cluster } from './cluster.ts'
import { describeWithJava } from './describe-with-broker.ts'

/** Length, then ApiVersions: kind 18, version 0, correlation id 0, no client id. */
const question = Buffer.from('0000000a00120000000000 00ffff'.replace(' ', ''), 'hex')

/** Whether a broker says anything there within a second. */
const answers = (address: string): Promise<boolean> =>
  new Promise((resolve) => {
    const [host, port] = address.split(':') as [string, string]
    const socket = connect(Number(port), host, () => socket.write(question))
    const settle = (answered: boolean): void => {
      socket.destroy()
      resolve(answered)
    }
    socket.on('data', () => settle(true))
    socket.on('error', () => settle(false))
    socket.setTimeout(1000, () => settle(false))
  })

const untilAnswers = async (address: string): Promise<void> => {
  // The runner's deadline is the bound.
  while (!(await answers(address)));
}

describeWithJava('a cluster to be broken', () => {
  let cluster: Cluster
  const answering = (): Promise<readonly boolean[]> => Promise.all(cluster.brokers.map(answers))

  beforeAll(async () => {
    cluster = await startCluster(3)
  }, 180_000)
  afterAll(() => cluster.stop())

  it('answers on every node', async () => {
    expect(await answering()).toEqual([true, true, true])
  })

  it('has a node that is killed and comes back at the same address', async () => {
    const [node] = cluster.nodes
    await node!.kill()
    expect(node!.state()).toBe('down')
    expect(await answering()).toEqual([false, true, true])
    await node!.start()
    await untilAnswers(node!.address)
  }, 120_000)

  it('has a node that is paused, says nothing, and goes on', async () => {
    const node = cluster.nodes[1]!
    node.pause()
    expect(node.state()).toBe('paused')
    expect(await answering()).toEqual([true, false, true])
    node.resume()
    await untilAnswers(node.address)
  }, 120_000)

  it('has a node that is stopped while it is paused', async () => {
    const node = cluster.nodes[2]!
    node.pause()
    await node.stop()
    expect(await answering()).toEqual([true, true, false])
    await node.start()
    await untilAnswers(node.address)
  }, 120_000)
})
