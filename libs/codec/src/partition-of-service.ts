import { partitionOf } from '@tidemark/wire'

const utf8 = new TextEncoder()

/** Record key of a service, and the partition that Kafka's Java client would choose for it. */
export const partitionOfService = (
  service: string,
  partitions: number,
): { readonly key: Uint8Array; readonly partition: number } => {
  const key = utf8.encode(service)
  return { key, partition: partitionOf(key, partitions) }
}
