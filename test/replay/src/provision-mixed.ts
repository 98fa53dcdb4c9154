import { provision, storeConfiguration } from '@tidemark/assembly'
import type { Log } from '@tidemark/log'
import type { Layout } from '@tidemark/model'
import { changedConfigurations } from './mixed-facts.ts'

/** Makes a log ready for mixed inputs: with the configurations that these put in force. */
export const provisionMixed = async (log: Log, layout: Layout): Promise<void> => {
  await provision(log, layout)
  for (const configuration of changedConfigurations(layout))
    await storeConfiguration({ log, layout }, configuration)
}
