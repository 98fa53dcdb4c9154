/** Services that fail in turn: each in some windows of a cycle, so that alerts are raised in every window. */
export type Faults = {
  readonly services: number
  readonly windowMs: number
  readonly cycleWindows: number
  readonly failingWindows: number
}

/** Whether all requests of a service fail in the window that a moment is in. */
export const isFailing = (
  { windowMs, cycleWindows, failingWindows }: Faults,
  service: number,
  atMs: number,
): boolean => (Math.floor(atMs / windowMs) + service) % cycleWindows < failingWindows
