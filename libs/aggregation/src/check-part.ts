import type { Part } from './open-window.ts'

/** Results of one health check of one service in one window. */
export type CheckPart = Part & { passed: number; failed: number }

export const emptyCheckPart = (part: Part): CheckPart => ({ ...part, passed: 0, failed: 0 })

export const addCheck = (part: CheckPart, passed: boolean): void => {
  if (passed) part.passed++
  else part.failed++
}
