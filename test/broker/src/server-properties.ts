/** Where one node listens. `advertised` is what clients of that listener are told: another port, where a proxy stands in front. */
export type NodeListeners = {
  readonly listeners: Readonly<
    Record<string, { readonly port: number; readonly advertised: number }>
  >
  readonly controllerPort: number
}

/** Settings of node `id` (from 1) of a cluster whose nodes all are broker and controller. The first listener serves the brokers themselves. */
export const serverProperties = (
  id: number,
  nodes: readonly NodeListeners[],
  more: Readonly<Record<string, string | number | boolean>> = {},
): string => {
  const { listeners, controllerPort } = nodes[id - 1]!
  const names = Object.keys(listeners)
  const at = (port: number): string => `://127.0.0.1:${port}`
  const replicas = Math.min(3, nodes.length)
  const minInSync = Math.max(1, replicas - 1)
  const settings = {
    'process.roles': 'broker,controller',
    'node.id': id,
    'controller.quorum.voters': nodes
      .map((node, i) => `${i + 1}@127.0.0.1:${node.controllerPort}`)
      .join(','),
    listeners: [
      ...names.map((name) => name + at(listeners[name]!.port)),
      `CONTROLLER${at(controllerPort)}`,
    ].join(','),
    'advertised.listeners': names.map((name) => name + at(listeners[name]!.advertised)).join(','),
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': names[0]!,
    'listener.security.protocol.map': [...names, 'CONTROLLER']
      .map((name) => `${name}:PLAINTEXT`)
      .join(','),
    'offsets.topic.replication.factor': replicas,
    'offsets.topic.num.partitions': nodes.length,
    'transaction.state.log.replication.factor': replicas,
    'transaction.state.log.min.isr': minInSync,
    'transaction.state.log.num.partitions': nodes.length,
    'share.coordinator.state.topic.replication.factor': replicas,
    'share.coordinator.state.topic.min.isr': minInSync,
    'group.initial.rebalance.delay.ms': 0,
    'log.cleaner.dedupe.buffer.size': 2_097_152,
    'num.network.threads': 2,
    'num.io.threads': 2,
    'auto.create.topics.enable': false,
    ...more,
  }
  return Object.entries(settings)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('')
}
