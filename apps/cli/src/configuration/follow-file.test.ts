import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { configurationHistory, connect, type Connection } from '@tidemark/assembly'
import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { defaultLayout } from '@tidemark/model'
import type { Logger } from '@tidemark/runtime'
import { followFile, putInForce, withConfigurationOf } from './follow-file.ts'

const root = mkdtempSync(join(tmpdir(), 'tidemark-follow-'))
afterAll(() => {
  rmSync(root, { recursive: true })
})

const text = (owner: string): string => `services: { a: { owner: ${owner}, runbook: r } }\n`

describe('a file that is followed', () => {
  let file: string
  let connection: Connection
  let told: string[]
  let logger: Logger
  let stop: AbortController
  let following: Promise<void>

  beforeEach(async () => {
    const folder = mkdtempSync(join(root, 'case-'))
    file = join(folder, 'tidemark.yaml')
    writeFileSync(file, text('ada'))
    const layout = await withConfigurationOf(file, { ...defaultLayout, partitions: 2 })
    connection = await connect({ kind: 'embedded', folder: join(folder, 'log') }, layout)
    told = []
    const tell = (event: string): void => void told.push(event)
    logger = { run: '', debug: tell, info: tell, warn: tell, error: tell }
    stop = new AbortController()
  })
  afterEach(async () => {
    stop.abort()
    await following
    await connection.log.close()
  })

  const follow = async (): Promise<void> => {
    const followed = await putInForce(file, connection, logger)
    following = followFile(followed, connection, logger, stop.signal)
  }
  const activations = async (): Promise<number> =>
    (await configurationHistory(connection.log)).filter(({ partition }) => partition === 1).length
  /** Looks until it is so; the file is read a moment after its last change. */
  const until = async (isSo: () => boolean): Promise<void> => {
    for (let looks = 0; looks < 1500 && !isSo(); looks++)
      await new Promise((resolve) => setTimeout(resolve, 20))
    expect(isSo()).toBe(true)
  }

  it('is in force from the beginning, and not once more at the start', async () => {
    await follow()
    expect([told, await activations()]).toEqual([[], 0])
  })

  it('is applied at the start where another one is in force', async () => {
    writeFileSync(file, text('bob'))
    await follow()
    expect([told, await activations()]).toEqual([['configuration_applied'], 1])
  })

  it('is applied when it changes, also where another file takes its place', async () => {
    await follow()
    writeFileSync(file, text('bob'))
    await until(() => told.length === 1)
    writeFileSync(`${file}.new`, text('carol'))
    renameSync(`${file}.new`, file)
    await until(() => told.length === 2)
    expect(told).toEqual(['configuration_applied', 'configuration_applied'])
    expect(await activations()).toBe(2)
    const [last] = (await configurationHistory(connection.log)).slice(-1)
    expect(last?.note).toBe(`from ${file}`)
  })

  it('changes nothing while it has errors, and goes on when they are mended', async () => {
    await follow()
    writeFileSync(file, 'services: { a: { ownr: x } }\n')
    await until(() => told.length === 1)
    expect([told, await activations()]).toEqual([['configuration_refused'], 0])
    rmSync(file)
    await until(() => told.length === 2)
    expect(told[1]).toBe('configuration_not_applied')
    writeFileSync(file, text('bob'))
    await until(() => told.includes('configuration_applied'))
    expect(await activations()).toBe(1)
  })

  it('is not read as changed where only its time is', async () => {
    await follow()
    writeFileSync(file, text('ada'))
    writeFileSync(file, text('bob'))
    await until(() => told.length === 1)
    expect(await activations()).toBe(1)
  })
})
