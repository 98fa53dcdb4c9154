import {
  configurationId,
  type AcknowledgementGiven,
  type Configuration,
  type ConfigurationActivated,
  type DeploymentFinished,
  type Fact,
  type Id,
  type SilenceCreated,
  type SilenceExpired,
} from '@tidemark/model'
import type { TestRecord } from './plain-aggregates.ts'

const uuid = (n: number): string => `00000000-0000-4000-8000-${n.toString(16).padStart(12, '0')}`

/** A fact that puts a configuration in force, at the earliest from `effectiveFromUs` on. */
export const activation = (
  n: number,
  configuration: Configuration,
  effectiveFromUs = 0,
): ConfigurationActivated => ({
  ...{ type: 'ConfigurationActivated', id: uuid(n), atUs: 0, by: null, note: null },
  ...{ configurationId: configurationId(configuration), effectiveFromUs },
})

export const deployment = (n: number, service: string): DeploymentFinished => ({
  ...{ type: 'DeploymentFinished', id: uuid(n), atUs: 0, by: null, note: null },
  ...{ service, deployment: `v${n}` },
})

/** Its id is that of the fact. */
export const silence = (
  n: number,
  matchers: string,
  fromUs: number,
  toUs: number,
  maintenance = false,
): SilenceCreated => ({
  ...{ type: 'SilenceCreated', id: uuid(n), atUs: 0, by: 'ann', note: null },
  ...{ matchers, fromUs, toUs, maintenance },
})

export const expiry = (n: number, silenceId: string): SilenceExpired => ({
  ...{ type: 'SilenceExpired', id: uuid(n), atUs: 0, by: 'ann', note: null },
  silenceId,
})

export const answer = (
  n: number,
  service: string,
  alertId: Id,
  untilUs: number | null = null,
): AcknowledgementGiven => ({
  ...{ type: 'AcknowledgementGiven', id: uuid(n), atUs: 0, by: 'ann', note: 'on it' },
  ...{ service, alertId, untilUs },
})

export type FactAt = { readonly timestampMs: number; readonly fact: Fact }

/** Records of `facts` with some more in between, by their time; one that comes when another does stands behind it. */
export const withFacts = (
  records: readonly TestRecord[],
  facts: readonly FactAt[],
): readonly TestRecord[] =>
  [...records, ...facts.map((fact) => ({ ...fact, events: [] }))].toSorted(
    (a, b) => a.timestampMs - b.timestampMs,
  )
