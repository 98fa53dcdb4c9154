import type { ISocketFactory } from 'kafkajs'

/**
 * Brokers, by `host:port`, that did not answer when they were asked last, and have said nothing since on any connection of this log. What one
 * connection finds out, the others need not find out by a timeout of their own. As many as there are brokers at most.
 */
export type SilentBrokers = Set<string>

export const addressOf = ({ host, port }: Address): string => `${host}:${port}`

type Address = { readonly host: string; readonly port: number }

/** kafkajs hands a client's socket factory to each of its connections: by that they find what their log knows. */
const known = new WeakMap<ISocketFactory, SilentBrokers>()

export const shareSilence = (factory: ISocketFactory, silent: SilentBrokers): void => {
  known.set(factory, silent)
}

const closed = new WeakSet<ISocketFactory>()

/** What a client finds out by being closed says nothing about brokers, and it need not try again. */
export const closeClient = (factory: ISocketFactory): void => {
  known.delete(factory)
  closed.add(factory)
}

export const isClientClosed = (factory: ISocketFactory): boolean => closed.has(factory)

/** Null for clients that others made, and closed ones. */
export const silentBrokersOf = (factory: ISocketFactory): SilentBrokers | null =>
  known.get(factory) ?? null

/** Where a client looks for the cluster first: another address each time, and one that is silent only where all are. */
export const seedsOf = (
  brokers: readonly string[],
  silent: SilentBrokers,
): (() => Promise<string[]>) => {
  let turn = 0
  return async () => {
    const from = turn++ % brokers.length
    const inTurn = [...brokers.slice(from), ...brokers.slice(0, from)]
    return [inTurn.find((address) => !silent.has(address)) ?? inTurn[0]!]
  }
}
