import { connect, createServer, type AddressInfo } from 'node:net'
import { setTimeout } from 'node:timers/promises'

/** Ports of the loopback interface that nobody listened on a moment ago. */
export const freePorts = async (count: number): Promise<readonly number[]> => {
  const servers = Array.from({ length: count }, () => createServer())
  await Promise.all(
    servers.map(
      (server) => new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening)),
    ),
  )
  const ports = servers.map((server) => (server.address() as AddressInfo).port)
  await Promise.all(servers.map((server) => new Promise((closed) => server.close(closed))))
  return ports
}

/** Whether somebody listened on the port within this time. */
export const opened = async (port: number, withinMs: number): Promise<boolean> => {
  const endMs = performance.now() + withinMs
  while (performance.now() < endMs) {
    if (await accepts(port)) return true
    await setTimeout(50)
  }
  return false
}

const accepts = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.on('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.on('error', () => resolve(false))
  })
