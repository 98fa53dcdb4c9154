import {
  accepted,
  field,
  instant,
  readDocument,
  refused,
  serviceName,
  shown,
  text,
} from '@tidemark/configuration'
import { severities } from '@tidemark/model'
import type { Truth } from '@tidemark/scoring'
import { z } from 'zod'

/** The faults of a truth track, or everything that is wrong with it. */
export type TruthReading =
  | { readonly ok: true; readonly truth: readonly Truth[] }
  | { readonly ok: false; readonly faults: readonly TruthFault[] }

export type TruthFault = { readonly line: number; readonly message: string }

/** Lines of a truth track; each is held against every alert. */
export const truthLinesMax = 100_000

/** Reads a truth track as the simulator writes it, or somebody who knows what went wrong: one JSON object a line; more keys may stand there. */
export const readTruth = (track: string): TruthReading => {
  const lines = track.split('\n')
  if (lines.length > truthLinesMax + 1)
    return {
      ok: false,
      faults: [{ line: truthLinesMax + 1, message: `more than ${truthLinesMax} lines` }],
    }
  const truth: Truth[] = []
  const faults: TruthFault[] = []
  for (const [at, line] of lines.entries()) {
    if (line.trim() === '') continue
    const reading = readLine(line)
    if (typeof reading === 'string') faults.push({ line: at + 1, message: reading })
    else truth.push(reading)
  }
  return faults.length > 0 ? { ok: false, faults } : { ok: true, truth }
}

const readLine = (line: string): Truth | string => {
  const reading = readDocument(new TextEncoder().encode(line), truthForm)
  if (!reading.ok)
    return reading.faults
      .map(({ path, message }) => (path === '' ? message : `${path}: ${message}`))
      .join('; ')
  const { service, fault, from, to, detect } = reading.value
  if (from >= to) return `to: not after its begin`
  return { service, fault, fromUs: from, toUs: to, detect }
}

const detectForms = `one of ${severities.join(', ')}, or null where it is no outage`

const truthForm = z.object({
  service: serviceName,
  fault: text({ description: 'What was wrong.' }),
  from: instant({ description: 'When it began.' }),
  to: instant({ description: 'When it was over.' }),
  detect: field<Truth['detect']>(
    { type: 'string', enum: severities, description: 'The least severity of its alert.' },
    detectForms,
    (value) => {
      const severity = severities.find((known) => known === value)
      if (value === null || severity !== undefined) return accepted(severity ?? null)
      return refused(`${shown(value)} is not ${detectForms}`)
    },
  ),
})
