import type { DerivedRecord, ObservedCommit, Ownership } from './evidence.ts'
import type { ReadRun } from './judged-run.ts'
import { placeOf, violations, type Violation } from './violation.ts'

/** I8: once an owner of a task has committed, nothing of an earlier owner becomes visible. */
export const checkOwners = ({ evidence }: ReadRun): readonly Violation[] => {
  const { commits, delivery } = evidence
  if (commits === null || delivery !== 'exactly-once') return []
  const byTask = Map.groupBy(
    commits.map((commit, index) => ({ commit, index })),
    ({ commit: { processor, task } }) => `${processor} ${task}`,
  )
  return violations('I8', [
    ...foreignRecords(evidence.derived, commits),
    ...[...byTask].flatMap(([name, ofTask]) => {
      const replaced = new Set<string>()
      return ofTask.flatMap(({ commit, index }, i) => {
        const before = ofTask[i - 1]?.commit
        if (before === undefined) return []
        if (ownershipOf(before) !== ownershipOf(commit)) replaced.add(ownershipOf(before))
        const wrong: string[] = []
        if (replaced.has(ownershipOf(commit)))
          wrong.push(`${name}: commit ${index} of ${commit.owner}, after a successor's`)
        else if (commit.epoch < before.epoch)
          wrong.push(
            `${name}: commit ${index} of ${commit.owner} in epoch ${commit.epoch}, after epoch ${before.epoch}`,
          )
        return [...wrong, ...movedBack(before, commit, `${name}: commit ${index}`)]
      })
    }),
  ])
}

/** What one owner sent must not become visible by the commit of another. */
const foreignRecords = (
  derived: readonly DerivedRecord[],
  commits: readonly ObservedCommit[],
): readonly string[] =>
  derived.flatMap((record) => {
    const { sentBy, commit } = record
    if (sentBy === null || commit === null) return []
    const by = commits[commit]!
    return ownershipOf(sentBy) === ownershipOf(by)
      ? []
      : [`${placeOf(record)}, of ${ownershipOf(sentBy)}: committed by ${ownershipOf(by)}`]
  })

const ownershipOf = ({ owner, epoch }: Ownership): string => `${owner}, epoch ${epoch}`

/** Whoever goes on where another stopped is at or behind what that one had committed; the sink's position is its store's. */
const movedBack = (
  before: ObservedCommit,
  commit: ObservedCommit,
  where: string,
): readonly string[] =>
  commit.processor === 'sink'
    ? []
    : before.positions.flatMap(({ topic, partition, position }) => {
        const now = commit.positions.find(
          (each) => each.topic === topic && each.partition === partition,
        )
        return now === undefined || now.position >= position
          ? []
          : [`${where}: ${topic}/${partition} at ${now.position}, which was at ${position}`]
      })
