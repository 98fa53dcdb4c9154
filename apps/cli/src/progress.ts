import type { Terminal } from './terminal.ts'

export type Progress = {
  /** Shows `text` in place of what was shown before; at most some ten times a second. */
  readonly show: (text: string) => void
  /** Prints a line that stays. */
  readonly above: (line: string) => void
  readonly end: () => void
}

const quietMs = 2000
const betweenMs = 100

/** One line on stderr that is written over, from two seconds on, when somebody sits at a terminal; otherwise nothing. */
export const progressOn = (terminal: Terminal, nowMs: () => number): Progress => {
  if (!terminal.errIsTerminal)
    return { show: () => undefined, above: terminal.err, end: () => undefined }
  let nextMs = nowMs() + quietMs
  let shown: string | null = null
  const overWritten = (text: string): string => (shown === null ? text : `${upAndClear}${text}`)
  return {
    show: (text) => {
      if (nowMs() < nextMs) return
      nextMs = nowMs() + betweenMs
      terminal.err(overWritten(text))
      shown = text
    },
    above: (line) => {
      terminal.err(shown === null ? line : overWritten(`${line}\n${shown}`))
    },
    end: () => {
      if (shown !== null) terminal.err(`${upAndClear}${up}`)
      shown = null
    },
  }
}

const up = '\u001b[1A'
const upAndClear = `${up}\u001b[2K`
