import { configurationId, type Configuration, type Id } from '@tidemark/model'

/** Where configurations are found by their id. A fold asks it, and has no other way to what is not among its events. */
export type ConfigurationCatalog = {
  /** One that was loaded; null: not yet, or forgotten since. */
  readonly get: (id: Id) => Configuration | null
  /** Looks for one, and settles also where there is none: with null when `get` gives it now, or else with why not, in words. */
  readonly load: (id: Id) => Promise<string | null>
}

/** A catalog of these and no others. */
export const catalogOf = (configurations: readonly Configuration[]): ConfigurationCatalog => {
  const held = new Map(configurations.map((each) => [configurationId(each), each]))
  return {
    get: (id) => held.get(id) ?? null,
    load: (id) => Promise.resolve(held.has(id) ? null : `nobody has stored configuration ${id}`),
  }
}
