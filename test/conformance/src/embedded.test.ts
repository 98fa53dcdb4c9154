import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describeLog } from '@tidemark/log/conformance'
import { openEmbeddedLog, type EmbeddedLog, type EmbeddedLogOptions } from '@tidemark/log-embedded'
import type { EpochMs } from '@tidemark/model'

describeLog(
  'embedded',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tidemark-log-'))
    const logs: EmbeddedLog[] = []
    const open = async (options: Partial<EmbeddedLogOptions> = {}) => {
      const log = await openEmbeddedLog({ folder, ...options })
      logs.push(log)
      return log
    }
    return {
      log: await open(),
      open,
      // By its clock, the leases of all others have run out.
      usurp: () => open({ clock: () => (Date.now() + 60_000) as EpochMs }),
      trim: async (topic, partition, below) => {
        const database = new DatabaseSync(join(folder, 'log.sqlite'))
        database
          .prepare('update partition_state set start_offset = ? where topic = ? and partition = ?')
          .run(below, topic, partition)
        database.close()
      },
      close: async () => {
        for (const log of logs) await log.close()
        rmSync(folder, { recursive: true })
      },
    }
  },
  { atomicCommit: true, fencedCommit: true, trim: true },
)
