import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from '@jest/globals'
import { NotProvisionedError } from '@tidemark/log'
import { defaultLayout } from '@tidemark/model'
import { connect, LayoutError } from './connection.ts'

const root = mkdtempSync(join(tmpdir(), 'tidemark-connection-'))
afterAll(() => {
  rmSync(root, { recursive: true })
})
const folder = (name: string) => ({ kind: 'embedded', folder: join(root, name) }) as const

describe('a connection', () => {
  it('gives a new folder the layout, and keeps it', async () => {
    const first = await connect(folder('new'), { ...defaultLayout, partitions: 3 })
    await first.log.close()
    const second = await connect(folder('new'), defaultLayout)
    await second.log.close()
    expect(first.layout.partitions).toBe(3)
    expect(second.layout).toEqual(first.layout)
  })

  it('leaves no trace where somebody only looks', async () => {
    await expect(connect(folder('looked-at'), null)).rejects.toThrow(NotProvisionedError)
    expect(existsSync(folder('looked-at').folder)).toBe(false)
  })

  it('agrees with others that come at the same time with another layout', async () => {
    const connections = await Promise.all(
      [1, 2, 3, 4].map((partitions) => connect(folder('race'), { ...defaultLayout, partitions })),
    )
    expect(new Set(connections.map(({ layout }) => layout.partitions)).size).toBe(1)
    for (const { log } of connections) await log.close()
  })

  it('names every fault of a layout', async () => {
    const layout = { ...defaultLayout, windowUs: 7_000_000, partitions: 0 }
    await expect(connect(folder('faults'), layout)).rejects.toThrow(LayoutError)
    await expect(connect(folder('faults'), layout)).rejects.toThrow(/7000000 us.*partitions: 0/)
    const configuration = { ...defaultLayout.configuration, requestsMin: 0 }
    await expect(connect(folder('faults'), { ...defaultLayout, configuration })).rejects.toThrow(
      'layout: configuration: signals.requests: 0 is not within 1 to 1000000',
    )
  })
})
