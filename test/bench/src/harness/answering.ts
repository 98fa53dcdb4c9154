import { execFileSync } from 'node:child_process'
import { availableParallelism, cpus, totalmem } from 'node:os'
import { answerOf, runsOf } from './answer.ts'
import type { Answer, Row, Setting } from './row.ts'

/** Opens a row, runs it and closes it, whatever happens. */
export const answer = async (
  row: Row,
  repetitions: number,
  setting: Setting,
  about: Pick<Answer, 'machine' | 'commit' | 'date'>,
): Promise<Answer> => {
  const opened = await row.open(setting)
  try {
    const runs = await runsOf(opened, repetitions, setting)
    return answerOf(row, opened, runs, { ...about, seed: setting.seed, scale: setting.scale })
  } finally {
    await opened.close()
  }
}

/** What figures are worth without: where they were taken, and of what. */
export const commit = (): Pick<Answer, 'machine' | 'commit'> => {
  const git = (...args: string[]): string =>
    execFileSync('git', args, { cwd: import.meta.dirname, encoding: 'utf8' }).trim()
  const changed = git('status', '--porcelain') === '' ? '' : '+'
  const memoryGb = Math.round(totalmem() / 2 ** 30)
  const model = cpus()[0]?.model.trim() ?? 'unknown processor'
  return {
    machine: `${availableParallelism()} x ${model}, ${memoryGb} GiB, Node ${process.version}`,
    commit: git('rev-parse', '--short', 'HEAD') + changed,
  }
}
