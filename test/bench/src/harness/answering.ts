import { execFileSync } from 'node:child_process'
import { availableParallelism, cpus, totalmem } from 'node:os'
import { temporaryFolder } from '@tidemark/e2e'
import { answerOf, runsOf } from './answer.ts'
import type { Answer, Row, Setting } from './row.ts'

/** Opens a row in a folder of its own, runs it and closes it, whatever happens. */
export const answer = async (
  row: Row,
  repetitions: number,
  setting: Omit<Setting, 'folder'>,
  about: Pick<Answer, 'machine' | 'commit' | 'date'>,
): Promise<Answer> => {
  const folder = temporaryFolder()
  try {
    const opened = await row.open({ ...setting, folder: folder.path })
    try {
      const runs = await runsOf(opened, repetitions, setting)
      return answerOf(row, opened, runs, { ...about, seed: setting.seed, scale: setting.scale })
    } finally {
      await opened.close?.()
    }
  } finally {
    folder.remove()
  }
}

/** What figures are worth without: where they were taken, and of what. */
export const commit = (): Pick<Answer, 'machine' | 'commit'> => {
  const git = (...args: string[]): string =>
    execFileSync('git', args, { cwd: import.meta.dirname, encoding: 'utf8' }).trim()
  // What `bench:report` writes is no other code.
  const written = [':(top,exclude)README.md', ':(top,exclude)docs/capacity.md']
  const changed = git('status', '--porcelain', '--', ':/', ...written) === '' ? '' : '+'
  const memoryGb = Math.round(totalmem() / 2 ** 30)
  const model = cpus()[0]?.model.trim() ?? 'unknown processor'
  return {
    machine: `${availableParallelism()} x ${model}, ${memoryGb} GiB, Node ${process.version}`,
    commit: git('rev-parse', '--short', 'HEAD') + changed,
  }
}
