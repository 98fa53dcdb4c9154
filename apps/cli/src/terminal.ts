import type { Painter, Tone } from '@tidemark/evaluation'

/** What a command may print on and learn from; tests give their own. */
export type Terminal = {
  readonly out: (text: string) => void
  readonly err: (text: string) => void
  readonly outIsTerminal: boolean
  readonly errIsTerminal: boolean
  readonly columns: () => number
  readonly rows: () => number
  readonly colours: boolean
  /** What is printed may hold more than ASCII: it goes to a terminal whose locale is UTF-8. */
  readonly unicode: boolean
  readonly stdin: AsyncIterable<Uint8Array>
}

const columnsDefault = 200
const rowsDefault = 50

export const processTerminal = (process: NodeJS.Process): Terminal => {
  const { stdout, stderr, stdin, env } = process
  return {
    out: (text) => {
      stdout.write(`${text}\n`)
    },
    err: (text) => {
      stderr.write(`${text}\n`)
    },
    outIsTerminal: stdout.isTTY,
    errIsTerminal: stderr.isTTY,
    // A terminal that nobody gave a size says 0.
    columns: () => (stdout.isTTY && stdout.columns > 0 ? stdout.columns : columnsDefault),
    rows: () => (stdout.isTTY && stdout.rows > 0 ? stdout.rows : rowsDefault),
    unicode: stdout.isTTY && /utf-?8/i.test(env.LC_ALL ?? env.LC_CTYPE ?? env.LANG ?? ''),
    colours: stdout.isTTY && (env.NO_COLOR ?? '') === '' && env.TERM !== 'dumb',
    stdin,
  }
}

const codes = { red: 31, yellow: 33, green: 32, dim: 2, bold: 1 } as const
export type Colour = keyof typeof codes

export const paint = (terminal: Terminal, colour: Colour, text: string): string =>
  terminal.colours ? `\u001b[${codes[colour]}m${text}\u001b[0m` : text

const statusColours: Readonly<Record<string, Colour>> = {
  down: 'red',
  page: 'red',
  critical: 'red',
  degraded: 'yellow',
  warning: 'yellow',
  healthy: 'green',
}

/** A status or severity in its colour. */
export const paintStatus = (terminal: Terminal, status: string, text = status): string =>
  paint(terminal, statusColours[status] ?? 'dim', text)

const toneColours: { readonly [T in Tone]: Colour } = {
  bad: 'red',
  poor: 'yellow',
  good: 'green',
  muted: 'dim',
}

/** Paints figures by what they mean, where there are colours. */
export const painterOn =
  (terminal: Terminal): Painter =>
  (tone, text) =>
    paint(terminal, toneColours[tone], text)

const pageWidthMax = 120

/** How wide a page of tables may be: as the terminal is, and not wider than reads well; 120 where it goes to a file or a pipe. */
export const pageWidth = (terminal: Terminal): number =>
  terminal.outIsTerminal ? Math.min(terminal.columns(), pageWidthMax) : pageWidthMax
