import { createHash } from 'node:crypto'
import { contentOf } from '../oracle/avro.ts'
import type { LoggedRecord } from './evidence.ts'
import type { ReadRun } from './judged-run.ts'
import { placeOf, violations, type Violation } from './violation.ts'

/** I1: what was acknowledged is in the log, at the position that the answer gave; what was refused is not, nor what nobody asked for. */
export const checkJournal = ({ evidence }: ReadRun): readonly Violation[] => {
  const { attempts, inputs, catalog } = evidence
  if (attempts === null) return []
  const published = [...inputs, ...catalog.filter((record) => !isLayout(record))]
  const logged = new Map(published.map((record) => [placeOf(record), record]))
  const mayBeThere = new Set<string>()
  const acknowledged = new Set<string>()
  const wrong: string[] = []
  for (const { topic, partition, entries, outcome } of attempts) {
    if (outcome.kind === 'refused') continue
    for (const [i, entry] of entries.entries()) {
      mayBeThere.add(`${topic}/${partition} ${identityOf(entry)}`)
      if (outcome.kind !== 'acknowledged') continue
      const place = placeOf({ topic, partition, offset: outcome.baseOffset + i })
      const found = logged.get(place)
      if (found === undefined) wrong.push(`acknowledged as ${place}, which does not exist`)
      else if (identityOf(found) !== identityOf(entry))
        wrong.push(`acknowledged as ${place}, where another record stands`)
      if (acknowledged.has(place)) wrong.push(`${place} was acknowledged twice`)
      acknowledged.add(place)
    }
  }
  for (const record of published) {
    const name = `${record.topic}/${record.partition} ${identityOf(record)}`
    if (!isTick(record) && !mayBeThere.has(name))
      wrong.push(`${placeOf(record)} is nobody's, or was refused`)
  }
  return violations('I1', wrong)
}

type KeyAndValue = { readonly key: Uint8Array | null; readonly value: Uint8Array | null }

const identityOf = ({ key, value }: KeyAndValue): string =>
  createHash('sha1')
    .update(`${key?.length ?? -1} ${value?.length ?? -1} `)
    .update(key ?? '')
    .update(value ?? '')
    .digest('base64')

/** Provisioning writes it. */
const isLayout = ({ value }: LoggedRecord): boolean => {
  const content = value === null ? null : contentOf(value)
  return content?.kind === 'event' && content.type === 'LayoutProvisioned'
}

/** Owners of partitions write them; only a frame, and without a key. */
const isTick = ({ key, value }: KeyAndValue): boolean => key === null && value?.length === 10
