import { afterEach, beforeEach, expect, it } from '@jest/globals'
import { spawn, type ChildProcess } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { describeWithJava } from './describe-with-broker.ts'
import { startBroker } from './start-broker.ts'

const accepts = (address: string): Promise<boolean> =>
  new Promise((resolve) => {
    const [host, port] = address.split(':') as [string, string]
    const socket = connect(Number(port), host)
    socket.on('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.on('error', () => resolve(false))
  })

const clientScript = `
  const { startBroker } = await import(process.argv[1])
  const { brokers } = await startBroker()
  console.log(brokers.join())
  process.stdin.resume()
`

/** Another process that needs the broker, and what it was told. */
const otherClient = async (): Promise<{
  readonly child: ChildProcess
  readonly brokers: string
}> => {
  const module = join(import.meta.dirname, './start-broker.ts')
  // The runner's process.env is a copy, which child processes do not get by themselves.
  const { env } = process
  const child = spawn(process.execPath, ['--input-type=module', '-e', clientScript, module], {
    env,
  })
  const [line] = (await once(child.stdout, 'data')) as [Buffer]
  return { child, brokers: line.toString().trim() }
}

describeWithJava('the broker that tests share', () => {
  const { KAFKA_BROKERS: given } = process.env
  beforeEach(() => {
    // A keeper of its own, so that nobody else holds on to the broker.
    process.env.TIDEMARK_BROKER_SCOPE = randomUUID()
    delete process.env.KAFKA_BROKERS
  })
  afterEach(() => {
    delete process.env.TIDEMARK_BROKER_SCOPE
    if (given !== undefined) process.env.KAFKA_BROKERS = given
  })

  it('is one for all processes, outlives the one that started it, and ends with the last', async () => {
    const first = await otherClient()
    const { brokers, stop } = await startBroker()
    expect(first.brokers).toBe(brokers.join())
    first.child.kill('SIGKILL')
    await once(first.child, 'exit')
    const second = await otherClient()
    expect(second.brokers).toBe(first.brokers)
    stop()
    expect(await accepts(first.brokers)).toBe(true)
    second.child.kill('SIGKILL')
    // Ends by itself; the runner's deadline is the bound.
    while (await accepts(first.brokers)) await setTimeout(100)
  }, 180_000)
})
