import { serviceNameFault } from '@tidemark/model'
import type { Form } from '../file-form.ts'
import { durationOf } from '../quantity/duration.ts'
import { file } from '../schema/file.ts'
import { issueMessage } from '../schema/issue.ts'
import { pathText } from '../source/fault.ts'
import { annotation } from './annotations.ts'
import {
  openSloDocument,
  openSloDocuments,
  type OpenSloDocument,
  type OpenSloFile,
} from './documents.ts'
import { importPolicy, type PolicyUse } from './import-policy.ts'
import { importSlo } from './import-slo.ts'
import { at, isTrue, listOf, textOf } from './lenient.ts'

export type OpenSloImport = {
  /** The parts of `tidemark.yaml` that the documents come to. */
  readonly fragment: {
    readonly services: Form
    readonly slos: readonly Form[]
    readonly rules: readonly Form[]
  }
  /** What could not be read at all. */
  readonly faults: readonly string[]
  /** What could not be expressed, or was taken for something, one sentence each. */
  readonly notes: readonly string[]
}

/** Services, objectives and burn-rate rules from documents of OpenSLO v1, read leniently. Never throws. */
export const importOpenSlo = (files: readonly OpenSloFile[]): OpenSloImport => {
  const { documents, faults, notes: read } = openSloDocuments(files)
  const notes = [...read]
  const named = (kind: string): ReadonlyMap<string, OpenSloDocument> =>
    new Map(documents.filter((each) => each.kind === kind).map((each) => [each.name, each]))
  const indicators = named('SLI')
  const uses = new Map<string, PolicyUse>()
  const slos = documents
    .filter(({ kind }) => kind === 'SLO')
    .flatMap((document) => {
      const imported = importSlo(document, indicators)
      notes.push(...imported.notes)
      const sound = imported.slos.filter((slo) => isSound('slos', slo, notes))
      noteUses(uses, document, sound, named('AlertPolicy'), notes)
      return sound
    })
  for (const policy of named('AlertPolicy').values())
    if (!uses.has(policy.name) && isTrue(policy.annotations[annotation.every]))
      uses.set(policy.name, { policy, sloIds: [], periodUs: defaultPeriodUs })
  const conditions = named('AlertCondition')
  const rules = [...uses.values()].flatMap((use) => {
    const imported = importPolicy(use, conditions)
    notes.push(...imported.notes)
    return imported.rule !== null && isSound('rules', imported.rule, notes) ? [imported.rule] : []
  })
  const known = ['SLO', 'SLI', 'AlertPolicy', 'AlertCondition', 'Service']
  for (const { kind, name } of documents)
    if (!known.includes(kind)) notes.push(`${kind} ${name}: cannot be expressed: left out`)
  const services = servicesOf(documents, slos, notes)
  return { fragment: { services, slos, rules }, faults, notes }
}

const defaultPeriodUs = 30 * 86_400_000_000

/** Whether `tidemark.yaml` takes an item; if not, why is noted. */
const isSound = (part: 'slos' | 'rules', item: Form, notes: string[]): boolean => {
  const parsed = file.safeParse({ [part]: [item] }, { error: issueMessage })
  for (const { path, message } of parsed.error?.issues ?? [])
    notes.push(`${part} ${textOf(item.id) ?? ''}: ${pathText(path.slice(2))}: ${message}: left out`)
  return parsed.success
}

/** Policies that a document names, or holds, with the ids of its objectives. */
const noteUses = (
  uses: Map<string, PolicyUse>,
  { name, spec }: OpenSloDocument,
  slos: readonly Form[],
  policies: ReadonlyMap<string, OpenSloDocument>,
  notes: string[],
): void => {
  const [first] = slos
  if (first === undefined) return
  for (const held of listOf(at(spec, 'alertPolicies'))) {
    const ref = textOf(at(held, 'alertPolicyRef')) ?? (typeof held === 'string' ? held : null)
    const policy = ref === null ? openSloDocument(held) : policies.get(ref)
    if (policy === undefined) {
      notes.push(`SLO ${name}: the alert policy ${ref ?? ''} is in none of the files: left out`)
      continue
    }
    const known = uses.get(policy.name)
    const periodUs = known?.periodUs ?? periodUsOf(first)
    const ids = slos.map(({ id }) => textOf(id) ?? '')
    uses.set(policy.name, { policy, sloIds: [...(known?.sloIds ?? []), ...ids], periodUs })
  }
}

const periodUsOf = ({ period }: Form): number => {
  const read = durationOf(textOf(period) ?? '')
  return read.ok ? read.value : defaultPeriodUs
}

const serviceFields = [
  'team',
  'tier',
  'owner',
  'runbook',
  'documentation',
  'incidentResponse',
] as const

/** Those that have a document of their own, and those that objectives name. */
const servicesOf = (
  documents: readonly OpenSloDocument[],
  slos: readonly Form[],
  notes: string[],
): Form => {
  const services = new Map<string, Form>()
  for (const { kind, name, annotations, labels } of documents) {
    if (kind !== 'Service' || isTrue(annotations[annotation.every])) continue
    const fields = serviceFields.flatMap((field) => {
      const label = listOf(labels[field])[0]
      const value = textOf(annotations[`${annotation.fields}${field}`]) ?? textOf(label)
      return value === null ? [] : [[field, value] as const]
    })
    const service = textOf(annotations[annotation.service]) ?? name
    const fault = serviceNameFault(service)
    if (fault === null) services.set(service, Object.fromEntries(fields))
    else notes.push(`Service ${name}: ${fault}: left out`)
  }
  for (const { service } of slos)
    if (typeof service === 'string' && !services.has(service)) services.set(service, {})
  return Object.fromEntries(services)
}
