import type { Layout } from '@tidemark/model'
import { configurationShapeFault } from './configuration-shape.ts'
import { integer, objectOf, oneOf, text, type FieldsOf, type Shape } from './shapes.ts'

/**
 * Why a value from a `catalog` record has not the shape of a Layout, or null. A field more counts as well as one less: a layout of
 * another version decides differently, so a process that does not know it all must not start.
 */
export const layoutShapeFault: Shape = (value) => layoutShape(value)

const layoutShape = objectOf({
  semantics: oneOf(2),
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
  configuration: configurationShapeFault,
} satisfies FieldsOf<Layout>)
