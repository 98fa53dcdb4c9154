import type { Terminal } from './terminal.ts'

export type Progress = {
  /** Shows `text` in place of what was shown before; at most some ten times a second. */
  readonly show: (text: string) => void
  readonly end: () => void
}

const quietMs = 2000
const betweenMs = 100

/** One line on stderr that is written over, from two seconds on, when somebody sits at a terminal; otherwise nothing. */
export const progressOn = (terminal: Terminal, nowMs: () => number): Progress => {
  if (!terminal.errIsTerminal) return { show: () => undefined, end: () => undefined }
  let nextMs = nowMs() + quietMs
  let shown = false
  return {
    show: (text) => {
      if (nowMs() < nextMs) return
      nextMs = nowMs() + betweenMs
      terminal.err(`${shown ? '\u001b[1A\u001b[2K' : ''}${text}`)
      shown = true
    },
    end: () => {
      if (shown) terminal.err('\u001b[1A\u001b[2K\u001b[1A')
    },
  }
}
