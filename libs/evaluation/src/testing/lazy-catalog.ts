import type { Configuration, Id } from '@tidemark/model'
import { catalogOf, type ConfigurationCatalog } from '../configuration-catalog.ts'

/** Holds nothing before it is loaded, which takes no time. */
export const lazyCatalog = (configurations: readonly Configuration[]): ConfigurationCatalog => {
  const all = catalogOf(configurations)
  const loaded = new Set<Id>()
  return {
    get: (id) => (loaded.has(id) ? all.get(id) : null),
    load: (id) => {
      loaded.add(id)
      return all.load(id)
    },
  }
}
