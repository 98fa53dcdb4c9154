import {
  nearestTo,
  readDocument,
  shown,
  sortedFaults,
  type Fault as FileFault,
} from '@tidemark/configuration'
import { scenarioForm, type FaultForm, type ScenarioForm } from './scenario-form.ts'
import { scenarioOf, type ScenarioFile } from './scenario.ts'

/** A scenario, or everything that is wrong with its file, by line. */
export type ScenarioReading =
  | { readonly ok: true; readonly scenario: ScenarioFile }
  | { readonly ok: false; readonly faults: readonly FileFault[] }

/** Reads a scenario file, YAML or JSON. Never throws. */
export const readScenario = (bytes: Uint8Array): ScenarioReading => {
  const reading = readDocument(bytes, scenarioForm)
  if (!reading.ok) return reading
  const faults = senseOf(reading.value).map(({ path, message }) => reading.faultAt(path, message))
  return faults.length > 0
    ? { ok: false, faults: sortedFaults(faults) }
    : { ok: true, scenario: scenarioOf(reading.value) }
}

type Nonsense = { readonly path: readonly PropertyKey[]; readonly message: string }

/** What the schema cannot see: names that nothing has, times that lie outside. */
const senseOf = (form: ScenarioForm): readonly Nonsense[] => {
  const names = Object.keys(form.services)
  const wrong: Nonsense[] = []
  if (names.length === 0)
    wrong.push({ path: ['services'], message: 'none: at least one is expected' })
  if (form.duration < second || form.duration > durationUsMax)
    wrong.push({ path: ['duration'], message: 'not within 1s and 31d' })
  for (const [service, { checks, operations }] of Object.entries(form.services)) {
    const path = ['services', service]
    if (operations?.length === 0)
      wrong.push({
        path: [...path, 'operations'],
        message: 'none: leave it out, or name at least one',
      })
    if (checks !== undefined && checks !== 'none' && (checks.every ?? second) < 1000)
      wrong.push({ path: [...path, 'checks', 'every'], message: 'under 1ms' })
  }
  for (const [at, fault] of (form.faults ?? []).entries())
    for (const { path, message } of senseOfFault(fault, form.duration, names))
      wrong.push({ path: ['faults', at, ...path], message })
  return wrong
}

const second = 1_000_000
const durationUsMax = 31 * 86_400 * second

function* senseOfFault(
  fault: FaultForm,
  durationUs: number,
  names: readonly string[],
): Generator<Nonsense> {
  if (!names.includes(fault.service)) yield unknownService(['service'], fault.service, names)
  if (fault.for === 0) yield { path: ['for'], message: 'lasts for no time' }
  if (fault.from >= durationUs)
    yield { path: ['from'], message: 'not before the end of the scenario' }
  if (fault.fault === 'noisy-neighbour') {
    if (fault.neighbour === fault.service)
      yield { path: ['neighbour'], message: 'is the service itself: another one is expected' }
    else if (!names.includes(fault.neighbour))
      yield unknownService(['neighbour'], fault.neighbour, names)
  }
  if (fault.fault === 'flapping' && fault.period === 0)
    yield { path: ['period'], message: 'lasts for no time' }
}

const unknownService = (
  path: readonly PropertyKey[],
  name: string,
  names: readonly string[],
): Nonsense => {
  const nearest = nearestTo(name, names)
  const hint = nearest === null ? '.' : `, did you mean ${nearest}?`
  return { path, message: `no service ${shown(name)}${hint} There are ${names.join(', ')}` }
}
