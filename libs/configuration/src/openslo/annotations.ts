// What OpenSLO has no field for stands in annotations under a prefix of our own.

export const annotation = {
  /** Of an SLO: its id, where the name of the document is another one. */
  id: 'tidemark.dev/id',
  /** The kind of its indicator. */
  kind: 'tidemark.dev/kind',
  badStatuses: 'tidemark.dev/bad-statuses',
  operations: 'tidemark.dev/operations',
  /** Name of a service, which may be none that OpenSLO takes. */
  service: 'tidemark.dev/service',
  /** Of an SLO that holds for every registered service; of a policy that looks at every SLO. */
  every: 'tidemark.dev/every',
  /** Of a policy: all its pairs of windows, and its own condition being one of them. */
  windows: 'tidemark.dev/windows',
  /** Of a service: what Tidemark knows of it. */
  fields: 'tidemark.dev/',
} as const

/** What an SLO of every registered service names as its service. */
export const everyService = 'every-service'

export const apiVersion = 'openslo/v1'
