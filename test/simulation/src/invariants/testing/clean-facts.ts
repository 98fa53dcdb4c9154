import type { InMemoryEntry } from '@tidemark/assembly'
import { encode, partitionOfService } from '@tidemark/codec'
import {
  configurationId,
  isControlFact,
  keyOfEvent,
  type AlertRaised,
  type Configuration,
  type Fact,
} from '@tidemark/model'
import { configurationPieces } from '../../configuration-pieces.ts'

const second = 1_000_000

/** A silence over alerts of one rule, an answer to the first alert of another, a cost, and a configuration that is put in force. */
export const cleanFacts = (
  startUs: number,
  service: string,
  configuration: Configuration,
  raised: readonly AlertRaised[],
): readonly Fact[] => {
  let count = 0
  const at = (afterS: number) => ({
    ...{ id: `00000000-0000-4000-8000-00000000000${count++}`, atUs: startUs + afterS * second },
    ...{ by: 'ann', note: null },
  })
  const answers = raised.slice(0, 1).map(({ alertId, service: of, windowEndUs }): Fact => {
    const afterS = (windowEndUs - startUs) / second + 10
    const answer = { ...at(afterS), service: of, alertId, untilUs: windowEndUs + 60 * second }
    return { ...answer, type: 'AcknowledgementGiven' }
  })
  return [
    {
      ...{ ...at(20), type: 'SilenceCreated', maintenance: false, matchers: 'rule!="health"' },
      ...{ fromUs: startUs + 60 * second, toUs: startUs + 150 * second },
    },
    {
      ...{ ...at(30), type: 'CostRecorded', service, currency: 'EUR', amountMinor: 12_000 },
      ...monthOf(startUs),
    },
    ...answers,
    {
      ...{ ...at(100), type: 'ConfigurationActivated' },
      configurationId: configurationId(configuration),
      effectiveFromUs: startUs + 120 * second,
    },
  ]
}

const monthOf = (atUs: number) => {
  const at = new Date(atUs / 1000)
  const monthStartUs = Date.UTC(at.getUTCFullYear(), at.getUTCMonth()) * 1000
  return { monthStartUs, throughUs: atUs - (atUs % second) }
}

/** With the facts behind the first record of their partition that is not older. */
export const withFacts = (
  inputs: readonly InMemoryEntry[],
  facts: readonly Fact[],
  partitions: number,
): readonly InMemoryEntry[] =>
  facts.reduce<readonly InMemoryEntry[]>((all, fact) => {
    const places = isControlFact(fact)
      ? Array.from({ length: partitions }, (_, i) => i)
      : [partitionOfService(fact.service, partitions).partition]
    return places.reduce((some, partition) => {
      const timestampMs = Math.ceil(fact.atUs / 1000)
      const index = some.findIndex(
        (input) =>
          input.topic === 'facts' &&
          input.partition === partition &&
          input.entry.timestampMs >= timestampMs,
      )
      const entry = { key: Buffer.from(keyOfEvent(fact)!), value: encode(fact), timestampMs }
      return some.toSpliced(index < 0 ? some.length : index, 0, {
        ...{ topic: 'facts', partition, entry },
      })
    }, all)
  }, inputs)

export const piecesOf = (configuration: Configuration): readonly InMemoryEntry[] =>
  configurationPieces(configuration, 500).map((piece) => ({
    ...{ topic: 'catalog', partition: 0, entry: { ...piece, timestampMs: 0 } },
  }))
