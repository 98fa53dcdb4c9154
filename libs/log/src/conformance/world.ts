import { afterEach, it } from '@jest/globals'
import { defaultLayout, type Layout } from '@tidemark/model'
import type { CatalogRecord, Log } from '../log.ts'
import type { Feature, LogUnderTest, MakeLog } from './log-under-test.ts'
import { bytesOf } from './records.ts'

/** The logs of a test; closed after it. */
export type World = {
  /** An empty log. */
  readonly empty: () => Promise<LogUnderTest>
  /** A log with three partitions, unless told otherwise. */
  readonly provisioned: (layout?: Partial<Layout>) => Promise<LogUnderTest>
  readonly layout: (prefix: string | undefined, layout?: Partial<Layout>) => Layout
}

export const partitions = 3

export const openWorld = (makeLog: MakeLog): World => {
  const made: LogUnderTest[] = []
  afterEach(async () => {
    for (const { close } of made.splice(0)) await close()
  })
  const empty = async (): Promise<LogUnderTest> => {
    const underTest = await makeLog()
    made.push(underTest)
    return underTest
  }
  const layout: World['layout'] = (prefix = '', part = {}) => ({
    ...defaultLayout,
    partitions,
    ...part,
    prefix,
  })
  return {
    empty,
    layout,
    provisioned: async (part) => {
      const underTest = await empty()
      await provision(underTest.log, layout(underTest.prefix, part))
      return underTest
    },
  }
}

export const provision = (log: Log, layout: Layout): Promise<'created' | 'unchanged'> =>
  log.provision(layout, recordOf(layout))

/** The port does not look into the record; any bytes that tell layouts apart will do. */
export const recordOf = (layout: Layout): CatalogRecord => ({
  key: bytesOf('layout'),
  value: bytesOf(JSON.stringify(layout)),
})

/** A test that needs a feature; passed over, with the reason in its name, where there is none. */
export const itIf = (feature: Feature, name: string, test: () => Promise<void>): void => {
  if (feature === true) it(name, test)
  else it.skip(`${name} (passed over: ${feature.not})`, test)
}
