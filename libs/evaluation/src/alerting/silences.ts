import {
  compareUtf8,
  type Configuration,
  type PlannedSilence,
  type SilenceCreated,
  type SilenceExpired,
} from '@tidemark/model'
import type { Labels } from './labels.ts'
import { matcherOf, MatcherError, parseMatchers, prepareMatchers } from './matchers.ts'

/** A silence, or maintenance: what matches is hidden at window ends of `[fromUs, toUs)`. */
export type Silence = {
  readonly id: string
  readonly fromUs: number
  readonly toUs: number
  readonly matches: (labels: Labels) => boolean
}

/** Those that a configuration plans. */
export type PlannedSilences = {
  readonly silences: readonly Silence[]
  readonly maintenance: readonly Silence[]
}

/** Those that facts have made in a partition, as far as they are not over. */
export type CreatedSilences = {
  /** In the order in which they came; at most `createdSilencesMax`. */
  readonly created: readonly CreatedSilence[]
  /** That could not be taken: too many at a time, or no list of matchers. They hide nothing. */
  readonly refused: number
}

/** One that has expired before its time is remembered until then, so that its fact, when it comes again, does not revive it. */
export type CreatedSilence = Silence & SavedSilence & { readonly instructions: number }

/** What is kept of it in a snapshot. */
export type SavedSilence = Omit<Silence, 'matches'> & {
  readonly matchers: string
  readonly maintenance: boolean
  readonly expired: boolean
}

/** What hides at one window end, sorted by id. The same object as at the window before where nothing changes. */
export type ActiveSilences = PlannedSilences

export const createdSilencesMax = 1000
/** Of the patterns of all of them. */
export const createdInstructionsMax = 500_000

export const noCreatedSilences: CreatedSilences = { created: [], refused: 0 }

export const plannedSilences = ({
  silences,
  maintenance,
}: Pick<Configuration, 'silences' | 'maintenance'>): PlannedSilences => ({
  silences: silences.map(planned),
  maintenance: maintenance.map(planned),
})

/**
 * With one more silence, before the window that ends at `windowEndUs`. Its id is taken once. One that is over is ignored; one that makes
 * too many is refused, since telling too much is better than hiding too much, unless an expired one can be forgotten for it.
 */
export const applySilence = (
  silences: CreatedSilences,
  fact: SilenceCreated,
  windowEndUs: number,
): CreatedSilences => {
  const created = current(silences.created, windowEndUs)
  if (fact.toUs <= windowEndUs || created.some(({ id }) => id === fact.id))
    return { ...silences, created }
  const silence = createdSilence({ ...fact, expired: false })
  const room = created.length < createdSilencesMax ? created : withoutOldestExpired(created)
  if (silence === null || !hasRoom(room, silence)) return { created, refused: silences.refused + 1 }
  return { ...silences, created: [...room, silence] }
}

/**
 * With one silence ended before its time. In a partition where that stands before the silence itself, as when a publication was brought to
 * an end later, its id is taken for a day, so that the silence hides nothing there either. One that a configuration plans is left alone.
 */
export const expireSilence = (
  silences: CreatedSilences,
  { silenceId }: Pick<SilenceExpired, 'silenceId'>,
  windowEndUs: number,
): CreatedSilences => {
  const created = current(silences.created, windowEndUs)
  if (!created.some(({ id }) => id === silenceId)) {
    const room = created.length < createdSilencesMax ? created : withoutOldestExpired(created)
    const isRoom = room.length < createdSilencesMax
    return {
      ...silences,
      created: isRoom ? [...room, expiredUnseen(silenceId, windowEndUs)] : room,
    }
  }
  return {
    ...silences,
    created: created.map((silence) =>
      silence.id === silenceId && !silence.expired ? { ...silence, expired: true } : silence,
    ),
  }
}

/** What hides at a window end; `before` is what hid at the window before, if that is known. */
export const activeSilences = (
  planned: PlannedSilences,
  { created }: CreatedSilences,
  windowEndUs: number,
  before: ActiveSilences | null,
): ActiveSilences => {
  const isActive = ({ fromUs, toUs }: Silence): boolean =>
    fromUs <= windowEndUs && windowEndUs < toUs
  const made = created.filter((silence) => !silence.expired && isActive(silence))
  const silences = sortedById([
    ...planned.silences.filter(isActive),
    ...made.filter(({ maintenance }) => !maintenance),
  ])
  const maintenance = sortedById([
    ...planned.maintenance.filter(isActive),
    ...made.filter((silence) => silence.maintenance),
  ])
  return before !== null &&
    areSame(silences, before.silences) &&
    areSame(maintenance, before.maintenance)
    ? before
    : { silences, maintenance }
}

/** Ids of those that match, sorted, each once. */
export const silencedBy = (active: readonly Silence[], labels: Labels): readonly string[] => {
  if (active.length === 0) return none
  const ids = active.filter(({ matches }) => matches(labels)).map(({ id }) => id)
  return ids.length === 0 ? none : ids.filter((id, at) => id !== ids[at - 1])
}

/** What a snapshot keeps of them. */
export type SavedSilences = {
  readonly created: readonly SavedSilence[]
  readonly refused: number
}

export const savedSilences = ({ created, refused }: CreatedSilences): SavedSilences => ({
  created: created.map(({ id, fromUs, toUs, matchers, maintenance, expired }) => ({
    ...{ id, fromUs, toUs, matchers, maintenance, expired },
  })),
  refused,
})

export const restoredSilences = ({ created, refused }: SavedSilences): CreatedSilences => ({
  created: created.flatMap((saved) => createdSilence(saved) ?? []),
  refused,
})

const none: readonly string[] = []

const unseenUs = 24 * 3_600_000_000

const expiredUnseen = (id: string, windowEndUs: number): CreatedSilence => ({
  ...{ id, fromUs: windowEndUs, toUs: windowEndUs + unseenUs, matches: () => false },
  ...{ matchers: '', maintenance: false, expired: true, instructions: 0 },
})

const planned = ({ id, matchers, fromUs, toUs }: PlannedSilence): Silence => ({
  id,
  fromUs,
  toUs,
  matches: matcherOf(matchers),
})

/** Null where its matchers are none. */
const createdSilence = (given: SavedSilence): CreatedSilence | null => {
  const { id, fromUs, toUs, matchers, maintenance, expired } = given
  try {
    const prepared = prepareMatchers(parseMatchers(matchers))
    return { id, fromUs, toUs, matchers, maintenance, expired, ...prepared }
  } catch (error) {
    if (error instanceof MatcherError) return null
    throw error
  }
}

const current = (
  created: readonly CreatedSilence[],
  windowEndUs: number,
): readonly CreatedSilence[] => created.filter(({ toUs }) => windowEndUs < toUs)

const hasRoom = (room: readonly CreatedSilence[], { instructions }: CreatedSilence): boolean =>
  room.length < createdSilencesMax &&
  room.reduce((sum, silence) => sum + silence.instructions, instructions) <= createdInstructionsMax

const withoutOldestExpired = (created: readonly CreatedSilence[]): readonly CreatedSilence[] => {
  const oldest = created.findIndex(({ expired }) => expired)
  return oldest === -1 ? created : created.toSpliced(oldest, 1)
}

const sortedById = (silences: readonly Silence[]): readonly Silence[] =>
  silences.length < 2 ? silences : silences.toSorted((a, b) => compareUtf8(a.id, b.id))

const areSame = (a: readonly Silence[], b: readonly Silence[]): boolean =>
  a.length === b.length && a.every((silence, at) => silence === b[at])
