/**
 * What one repetition of one side measured. Names carry units: `events`, `wallMs`, `cpuMs` (user and system of the side's process),
 * `residentBytesMax`, `bytesPerRow`.
 */
export type Run = Readonly<Record<string, number>>

/** One contender, or one setting: every repetition of all sides meets the same machine, one side after the other. */
export type Side = {
  readonly name: string
  /** Does the work once and checks what came of it; throws when that is not what was expected. */
  readonly run: (repetition: number) => Promise<Run>
  /** Where it takes so long that fewer repetitions than those of the others must do; the conditions then say so. */
  readonly repetitionsMax?: number
}

/** Least, median and largest of the repetitions. */
export type Spread = { readonly min: number; readonly median: number; readonly max: number }

/**
 * What a row promises: the figure of a side, or its ratio to the same figure of another side, or what it has above that, repetition by
 * repetition, as far as both have them.
 */
export type Promised = {
  /** As a reader calls it, unit included: 'events per CPU-second'. */
  readonly what: string
  readonly side: string
  readonly figure: string
  /** Where given, the promise is about the ratio to this side, or to the one of these with the least. */
  readonly against?: string | readonly string[]
  /** Where given, the promise is about the difference: the figure of the side less that of this one. */
  readonly above?: string
  /** What the median has to reach; a figure without a goal is told for its own sake. */
  readonly goal?: { readonly atLeast: number } | { readonly atMost: number }
}

export type Setting = {
  /** Empty, for this row alone; it goes when the row is closed. */
  readonly folder: string
  /** How much of the usual amount of data, 1 in a report; less for a first look. */
  readonly scale: number
  readonly seed: number
  /** Tells what goes on, to the standard error. */
  readonly note: (line: string) => void
}

/** A row that is ready to run. */
export type Opened = {
  /** What is run, in words with numbers: '10 M single events, 4 partitions, a transaction every second'. */
  readonly conditions: string
  readonly sides: readonly Side[]
  /** Repetitions before the measured ones. */
  readonly warmUps?: number
  /** Where there is more to end than the folder. */
  readonly close?: () => Promise<void>
}

/** A question that `npm run bench -- NAME` answers. */
export type Row = {
  readonly name: string
  /** What the table in the README calls it. */
  readonly title: string
  readonly promises: readonly Promised[]
  /** Lines of a table of its own, beside those of its promises. */
  readonly table?: (answer: Answer) => readonly string[]
  readonly open: (setting: Setting) => Promise<Opened>
}

export type Kept = Promised & { readonly values: Spread; readonly isReached: boolean | null }

/** What came of a row. */
export type Answer = {
  readonly row: string
  readonly title: string
  readonly conditions: string
  readonly repetitions: number
  readonly seed: number
  readonly scale: number
  readonly machine: string
  readonly commit: string
  readonly date: string
  readonly sides: Readonly<Record<string, Readonly<Record<string, Spread>>>>
  readonly promises: readonly Kept[]
}
