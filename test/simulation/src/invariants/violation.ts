/** Numbers of design.md section 9. */
export type InvariantNumber =
  'I1' | 'I2' | 'I3' | 'I4' | 'I5' | 'I6' | 'I7' | 'I8' | 'I9' | 'I10' | 'I11' | 'I12'

/** One way in which a run broke an invariant: names the record and its position, what was found and what was to be. */
export type Violation = { readonly invariant: InvariantNumber; readonly what: string }

export const violations = (
  invariant: InvariantNumber,
  what: readonly string[],
): readonly Violation[] => what.map((each) => ({ invariant, what: each }))

/** Where a record stands, as a reader would look it up. */
export const placeOf = (record: {
  readonly topic: string
  readonly partition: number
  readonly offset: number
}): string => `${record.topic}/${record.partition} at ${record.offset}`
