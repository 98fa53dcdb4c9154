import { truthOf, type Traffic, type TrafficEvent, type Truth } from '@tidemark/traffic'

/** Traffic that is taken as real time passes. */
export type Timeline = {
  /** What is due at `nowUs` and was not taken yet, at most `max` events, in their order. */
  readonly take: (nowUs: number, max: number) => readonly TrafficEvent[]
}

export type TimelineEvent =
  /** A fault begins; a line of the truth track. */
  | { readonly kind: 'fault'; readonly truth: Truth }
  /**
   * The log was too slow, the machine slept or its clock was set (back, when negative): from here on everything happens so much
   * later. Nothing is left out, and nothing is made up for in a burst.
   */
  | { readonly kind: 'moved'; readonly byUs: number }

/** How far what was taken may be behind what is due before the traffic is moved. */
const behindUsMax = 2_000_000

/** Reads one traffic against the wall clock. Holds one event at a time. */
export const timelineOf = (traffic: Traffic, observe: (event: TimelineEvent) => void): Timeline => {
  const events = traffic.events()[Symbol.iterator]()
  const faults = traffic.faults()[Symbol.iterator]()
  let event = events.next()
  let fault = faults.next()
  let movedUs = 0
  // In the time of the traffic: everything up to here was taken.
  let takenUs = traffic.startUs
  return {
    take: (nowUs, max) => {
      const behindUs = nowUs - movedUs - takenUs
      if (behindUs < 0 || behindUs > behindUsMax) {
        movedUs += behindUs
        observe({ kind: 'moved', byUs: behindUs })
      }
      const untilUs = nowUs - movedUs
      const due: TrafficEvent[] = []
      for (; event.done !== true && event.value.sentUs <= untilUs; event = events.next()) {
        if (due.length === max) break
        due.push(moved(event.value.event, movedUs))
        takenUs = event.value.sentUs
      }
      if (due.length < max) takenUs = untilUs
      for (; fault.done !== true && fault.value.fromUs <= takenUs; fault = faults.next()) {
        const { fromUs, toUs, ...truth } = truthOf(fault.value)
        observe({
          kind: 'fault',
          truth: { ...truth, fromUs: fromUs + movedUs, toUs: toUs + movedUs },
        })
      }
      return due
    },
  }
}

const moved = (event: TrafficEvent, byUs: number): TrafficEvent =>
  byUs === 0 ? event : { ...event, atUs: Math.max(0, event.atUs + byUs) }
