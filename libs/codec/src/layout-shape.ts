import { severities, type Configuration, type Layout, type Rule } from '@tidemark/model'
import { signalNames } from './field-rules.ts'

/** Null, or what is wrong with a value, beginning with the path. */
type Shape = (value: unknown) => string | null

/**
 * Why a value from a `catalog` record has not the shape of a Layout, or null. A field more counts as well as one less: a layout of
 * another version decides differently, so a process that does not know it all must not start.
 */
export const layoutShapeFault: Shape = (value) => layoutShape(value)

const integer: Shape = (value) =>
  Number.isSafeInteger(value) ? null : `: ${JSON.stringify(value)} is not an integer`
const text: Shape = (value) =>
  typeof value === 'string' ? null : `: ${JSON.stringify(value)} is not a string`
const textOrNull: Shape = (value) => (value === null ? null : text(value))

const oneOf =
  (...values: readonly (string | number)[]): Shape =>
  (value) =>
    (values as readonly unknown[]).includes(value)
      ? null
      : `: ${JSON.stringify(value)} is not ${values.join(' or ')}`

const listOf =
  (item: Shape): Shape =>
  (value) => {
    if (!Array.isArray(value)) return ': not an array'
    for (const [i, entry] of value.entries()) {
      const fault = item(entry)
      if (fault !== null) return `[${i}]${fault}`
    }
    return null
  }

/** With `satisfies`, so that the compiler sees a field that is missing here or left over. */
type FieldsOf<T> = { readonly [Field in keyof T]-?: Shape }

const objectOf = (fields: Readonly<Record<string, Shape>>): Shape => {
  const shapes = new Map(Object.entries(fields))
  return (value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      return ': not an object'
    const entries = new Map(Object.entries(value))
    for (const [field, shape] of shapes) {
      const fault = entries.has(field) ? shape(entries.get(field)) : ': missing'
      if (fault !== null) return `.${field}${fault}`
    }
    for (const field of entries.keys()) if (!shapes.has(field)) return `.${field}: unknown`
    return null
  }
}

const ruleShapes: { readonly [K in Rule['kind']]: Shape } = {
  health: objectOf({ kind: text, id: text } satisfies FieldsOf<Extract<Rule, { kind: 'health' }>>),
  threshold: objectOf({
    kind: text,
    id: text,
    severity: oneOf(...severities),
    signal: oneOf(...signalNames),
    operator: oneOf('>', '<'),
    value: integer,
    forUs: integer,
    keepFiringForUs: integer,
  } satisfies FieldsOf<Extract<Rule, { kind: 'threshold' }>>),
  absence: objectOf({
    kind: text,
    id: text,
    severity: oneOf(...severities),
  } satisfies FieldsOf<Extract<Rule, { kind: 'absence' }>>),
}

const rule: Shape = (value) => {
  const kind: unknown =
    typeof value === 'object' && value !== null && 'kind' in value ? value.kind : null
  const known = oneOf(...Object.keys(ruleShapes))(kind)
  return known === null ? ruleShapes[kind as Rule['kind']](value) : `.kind${known}`
}

const thresholds = objectOf({
  errorRateAbovePpm: integer,
  p99AboveUs: integer,
  errorRateExitPpm: integer,
  p99ExitUs: integer,
} satisfies FieldsOf<Configuration['health']['degraded']>)

const layoutShape = objectOf({
  semantics: oneOf(1),
  prefix: text,
  partitions: integer,
  windowUs: integer,
  graceUs: integer,
  maxFutureSkewUs: integer,
  tickIntervalMs: integer,
  timestamps: oneOf('broker', 'producer'),
  histogram: objectOf({
    lowestUs: oneOf(1),
    highestUs: integer,
    digits: oneOf(2),
  } satisfies FieldsOf<Layout['histogram']>),
  limits: objectOf({
    servicesPerWindow: integer,
    operationsPerServiceWindow: integer,
    operationsPerWindow: integer,
    identitiesPerWindow: integer,
    restoreBudgetEvents: integer,
    maxAheadMs: integer,
    rejectedBytes: integer,
  } satisfies FieldsOf<Layout['limits']>),
  configuration: objectOf({
    horizonUs: integer,
    requestsMin: integer,
    checksMin: integer,
    health: objectOf({
      degraded: thresholds,
      critical: thresholds,
      down: objectOf({
        availabilityBelowPpm: integer,
        availabilityExitPpm: integer,
      } satisfies FieldsOf<Configuration['health']['down']>),
    } satisfies FieldsOf<Configuration['health']>),
    improveAfterWindows: integer,
    downFailuresMin: integer,
    staleAfterUs: integer,
    absentAfterUs: integer,
    forgetAfterUs: integer,
    unregistered: oneOf('register', 'ignore'),
    unregisteredMax: integer,
    services: listOf(
      objectOf({ service: text, team: textOrNull } satisfies FieldsOf<
        Configuration['services'][number]
      >),
    ),
    rules: listOf(rule),
  } satisfies FieldsOf<Configuration>),
} satisfies FieldsOf<Layout>)
