import { canonicalJson, contentId, type Id } from '@tidemark/model'

/** Identity of what a rule says of a service, or of one objective of it, over all its episodes. */
export const fingerprintOf = (rule: string, service: string, slo: string | null): Id =>
  contentId(canonicalJson(slo === null ? [rule, service] : [rule, service, slo]))

/** Identity of one episode: where it was raised belongs to it, so a replay gives it again. */
export const alertIdOf = (fingerprint: Id, windowStartUs: number): Id =>
  contentId(canonicalJson([fingerprint, windowStartUs]))
