import { compareUtf8, unreachable } from '@tidemark/model'
import {
  defaultSeed,
  detectedAs,
  live,
  usualFaults,
  virtualStartUs,
  type Fault,
  type FaultKind,
  type Live,
  type ServiceProfile,
} from '@tidemark/traffic'
import type { FaultForm, ProfileForm, ScenarioForm } from './scenario-form.ts'

/** A scenario as a file says it: everything that the traffic is drawn from. */
export type ScenarioFile = {
  readonly description: string | null
  readonly seed: number
  readonly scenario: Live & { readonly durationUs: number }
  /** Sorted by name. */
  readonly services: readonly ServiceProfile[]
  /** In the order of the file. */
  readonly faults: readonly Fault[]
}

export const scenarioOf = (form: ScenarioForm): ScenarioFile => {
  const startUs = form.start ?? virtualStartUs
  const durationUs = form.duration
  return {
    description: form.description ?? null,
    seed: form.seed ?? defaultSeed,
    scenario: { ...live({ startUs, rhythm: null }), durationUs },
    services: Object.entries(form.services)
      .map(([service, profile]) => profileOf(service, profile))
      .sort((a, b) => compareUtf8(a.service, b.service)),
    faults: (form.faults ?? []).map((fault) => faultOf(fault, startUs)),
  }
}

const second = 1_000_000

const profileOf = (service: string, form: ProfileForm): ServiceProfile => {
  const checks = form.checks === 'none' ? null : (form.checks ?? {})
  const [first, ...more] = (form.operations ?? [{ operation: 'GET /' }]).map(
    ({ operation, weight = 1, status = 200 }) => ({ operation, weight, status }),
  )
  return {
    service,
    team: form.team ?? null,
    latencyUs: form.latency,
    latencySigma: form.sigma ?? 0.3,
    errorPpm: form.errors ?? 0,
    downPpm: checks?.failures ?? 0,
    requestsPerSecond: form.rate,
    checkEveryUs: checks === null ? null : (checks.every ?? 5 * second),
    operations: [first!, ...more],
  }
}

const faultOf = (form: FaultForm, startUs: number): Fault => {
  const fromUs = startUs + form.from
  const { service, fault, detect = detectedAs[fault] } = form
  return {
    ...{ service, fromUs, toUs: fromUs + form.for },
    ...{ detect: detect === 'none' ? null : detect },
    ...kindOf(form),
  }
}

const kindOf = (form: FaultForm): FaultKind => {
  const { fault } = form
  switch (fault) {
    case 'latency':
    case 'latency-creep':
      return { fault, times: form.times ?? usualFaults[fault].times }
    case 'error-burst':
      return { fault, errorPpm: form.errors ?? usualFaults[fault].errorPpm }
    case 'down':
    case 'silent-producer':
      return { fault }
    case 'flapping': {
      const { periodUs, downUs } = usualFaults[fault]
      return { fault, periodUs: form.period ?? periodUs, downUs: form.down ?? downUs }
    }
    case 'retry-storm': {
      const usual = usualFaults[fault]
      return {
        fault,
        errorPpm: form.errors ?? usual.errorPpm,
        retriesMax: form.retries ?? usual.retriesMax,
        backoffUs: form.backoff ?? usual.backoffUs,
      }
    }
    case 'noisy-neighbour': {
      const { neighbour, surge, times } = form
      const usual = usualFaults[fault]
      return {
        ...{ fault, neighbour },
        ...{ surgeTimes: surge ?? usual.surgeTimes, times: times ?? usual.times },
      }
    }
    case 'clock-skew':
      return { fault, skewUs: form.skew ?? usualFaults[fault].skewUs }
    case 'duplicates': {
      const { sharePpm, againAfterUs } = usualFaults[fault]
      return { fault, sharePpm: form.share ?? sharePpm, againAfterUs: form.after ?? againAfterUs }
    }
    case 'late-events': {
      const { sharePpm, delayUs } = usualFaults[fault]
      return { fault, sharePpm: form.share ?? sharePpm, delayUs: form.delay ?? delayUs }
    }
    default:
      return unreachable(fault)
  }
}
