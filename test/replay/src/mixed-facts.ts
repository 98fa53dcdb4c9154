import {
  canonicalJson,
  configurationId,
  contentId,
  defaultRuleFields,
  windowStartOf,
  type Configuration,
  type Fact,
  type Id,
  type Layout,
} from '@tidemark/model'
import { services, virtualStartUs } from '@tidemark/traffic'
import type { Random } from './random.ts'

const second = 1_000_000
const minute = 60 * second
const hour = 60 * minute

/** What facts put in force one after the other, in place of the layout's: other thresholds, rules and services, then again others. */
export const changedConfigurations = ({
  configuration,
}: Pick<Layout, 'configuration'>): readonly Configuration[] => [
  {
    ...configuration,
    requestsMin: 5,
    horizonUs: 30 * second,
    services: configuration.services.slice(1),
    unregisteredMax: 2,
    rules: [
      ...configuration.rules.filter(({ kind }) => kind !== 'absence'),
      {
        ...defaultRuleFields,
        ...{ kind: 'threshold', id: 'errors-at-once', severity: 'critical' },
        ...{ signal: 'error_rate', operator: '>', value: 20_000 },
      },
    ],
  },
  {
    ...configuration,
    services: configuration.services.slice(0, -1),
    unregistered: 'ignore',
    maintenance: [
      {
        id: 'planned',
        matchers: [{ label: 'service', operator: '=', value: services[0]!.service }],
        fromUs: virtualStartUs,
        toUs: virtualStartUs + hour,
        note: null,
      },
    ],
    rules: configuration.rules.filter(({ id }) => id !== 'latency-p95'),
  },
]

/** Facts of every kind over some minutes of virtual time, in the order of their time; two of them change the configuration. */
export const mixedFacts = (random: Random, layout: Layout, durationUs: number): readonly Fact[] => {
  const draft = draftsOf(random, durationUs)
  const facts = [
    ...changedConfigurations(layout).map((configuration, i) => activation(draft, configuration, i)),
    ...Array.from({ length: 3 }, () => silence(draft)).flatMap((created): readonly Fact[] => [
      created,
      {
        ...draft.fields(created.atUs, 'SilenceExpired'),
        ...{ atUs: created.atUs + random.integer(5, 60) * second, silenceId: created.id },
      },
    ]),
    ...services.flatMap(({ service }) => [...factsAbout(draft, service)]),
    ...acknowledgements(draft, layout),
  ]
  return facts.toSorted((a, b) => a.atUs - b.atUs)
}

type Drafts = {
  readonly random: Random
  readonly durationUs: number
  readonly moment: () => number
  readonly fields: <T extends Fact['type']>(
    atUs: number,
    type: T,
  ) => { type: T; id: string; atUs: number; by: string | null; note: string | null }
}

const draftsOf = (random: Random, durationUs: number): Drafts => {
  let drafted = 0
  return {
    random,
    durationUs,
    moment: () => virtualStartUs + random.integer(0, durationUs / 1000) * 1000,
    fields: (atUs, type) => {
      const id = contentId(`fact ${drafted++} ${random.share()}`)
      return { type, id: uuidOf(id), atUs, by: random.pick([null, 'ada']), note: null }
    },
  }
}

const uuidOf = (id: Id): string =>
  [id.slice(0, 8), id.slice(8, 12), id.slice(12, 16), id.slice(16, 20), id.slice(20)].join('-')

/** In the first and in the second half, at the next window or some windows later. */
const activation = (
  { random, durationUs, fields }: Drafts,
  configuration: Configuration,
  half: number,
): Fact => {
  const fromMs = (half * durationUs) / 2000
  const atUs = virtualStartUs + random.integer(fromMs, fromMs + durationUs / 3000) * 1000
  return {
    ...fields(atUs, 'ConfigurationActivated'),
    configurationId: configurationId(configuration),
    effectiveFromUs: windowStartOf(atUs, 10 * second) + random.integer(-1, 4) * 10 * second,
  }
}

const silence = ({ random, moment, fields }: Drafts) => {
  const atUs = moment()
  return {
    ...fields(atUs, 'SilenceCreated'),
    matchers: random.pick([
      `service="${random.pick(services).service}"`,
      'severity=~"warning|critical"',
      'this is no matcher',
    ]),
    fromUs: atUs,
    toUs: atUs + random.integer(10, 120) * second,
    maintenance: random.share() < 0.3,
  } satisfies Fact
}

function* factsAbout({ random, moment, fields }: Drafts, service: string): Generator<Fact> {
  const monthStartUs = Date.UTC(2026, 0, 1) * 1000
  for (const currency of ['EUR', 'USD'])
    yield {
      ...fields(moment(), 'CostRecorded'),
      ...{ service, monthStartUs, throughUs: virtualStartUs + hour, currency },
      amountMinor: random.integer(-100, 1_000_000),
    }
  yield { ...fields(moment(), 'DeploymentFinished'), service, deployment: 'v1' }
  const openedUs = moment()
  const incident = `incident of ${service}`
  yield { ...fields(openedUs, 'IncidentOpened'), service, incident, alertId: null }
  yield { ...fields(openedUs + 20 * second, 'IncidentClosed'), service, incident }
  yield {
    ...fields(moment(), 'GovernanceEvidence'),
    ...{ service, check: 'runbook', result: random.pick(['passed', 'failed']), untilUs: null },
  }
  yield {
    ...fields(moment(), 'BudgetCorrected'),
    ...{ service, slo: 'availability', valid: -5, bad: -random.integer(0, 5) },
  }
}

/** Of whatever the health rule may have raised in a window: where it did not, nothing comes of it. */
const acknowledgements = ({ random, durationUs, fields }: Drafts, layout: Layout): Fact[] => {
  const { windowUs } = layout
  const facts: Fact[] = []
  for (const { service } of services)
    for (let startUs = virtualStartUs; startUs < virtualStartUs + durationUs; startUs += windowUs) {
      if (random.share() < 0.5) continue
      const fingerprint = contentId(canonicalJson(['health', service]))
      const atUs = startUs + windowUs + random.integer(1, 60) * second
      facts.push({
        ...fields(atUs, 'AcknowledgementGiven'),
        service,
        alertId: contentId(canonicalJson([fingerprint, startUs])),
        untilUs: random.pick([null, atUs + 30 * second]),
      })
    }
  return facts
}
