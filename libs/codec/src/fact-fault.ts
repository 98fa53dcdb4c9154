import type { TidemarkEvent } from '@tidemark/model'

/** What is wrong with a fact beyond its single fields: null, or words that begin with the field. */
export const factFault = (event: TidemarkEvent): string | null => {
  switch (event.type) {
    case 'SilenceCreated':
      return event.fromUs < event.toUs
        ? null
        : `.toUs: ${event.toUs} is not after fromUs ${event.fromUs}`
    case 'CostRecorded': {
      const { monthStartUs, throughUs } = event
      const endUs = monthEndUs(monthStartUs)
      if (endUs === null)
        return `.monthStartUs: ${monthStartUs} is not the start of a calendar month (UTC)`
      return throughUs >= monthStartUs && throughUs <= endUs
        ? null
        : `.throughUs: ${throughUs} is not in the month, ${monthStartUs} to ${endUs}`
    }
    case 'GovernanceEvidence':
      if (event.result !== 'skipped') return null
      if (event.untilUs === null) return '.untilUs: missing; a skipped check says until when'
      return event.note === null ? '.note: missing; a skipped check says why' : null
    default:
      return null
  }
}

/** End of the calendar month that starts then; null: none does. */
const monthEndUs = (startUs: number): number | null => {
  if (startUs % dayUs !== 0) return null
  const start = new Date(startUs / 1000)
  if (start.getUTCDate() !== 1) return null
  return Date.UTC(start.getUTCFullYear(), start.getUTCMonth() + 1, 1) * 1000
}

const dayUs = 86_400_000_000
