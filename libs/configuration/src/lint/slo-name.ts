import type { Rule, Slo } from '@tidemark/model'

/** An objective as a sentence names it. */
export const sloName = ({ id, service }: Pick<Slo, 'id' | 'service'>): string =>
  service === null ? id : `${id} of ${service}`

/** Whether a rule looks at an objective. */
export const sloIsOf =
  ({ slos }: Pick<Extract<Rule, { readonly kind: 'burn-rate' }>, 'slos'>) =>
  ({ id }: Slo): boolean =>
    slos === null || slos.includes(id)
