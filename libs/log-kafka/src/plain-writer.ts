import { sendBytesMax } from '@tidemark/model'
import { splitBySize } from '@tidemark/wire'
import type { Membership } from './membership.ts'
import type { Settings } from './options.ts'
import { openSender } from './sender.ts'
import type { TaskWriter } from './task-writer.ts'

export type PlainParts = {
  readonly settings: Settings
  readonly membership: Membership
  /** Throws FencedError when the task may be somebody else's by now. */
  readonly assertOurs: () => void
}

/**
 * At least once: outputs, then the checkpoint, then positions for lag tools, each send awaited before the next one. A crash in between
 * leaves the last checkpoint whole, and what its outputs hold is written again by the next owner, equal. A member that lost its group without
 * knowing may still write; that adds repeats under an older epoch, which no reader of checkpoints takes up.
 */
export const plainWriter = ({ settings, membership, assertOurs }: PlainParts): TaskWriter => {
  const sender = openSender(settings, settings.timeoutMs)
  return {
    open: () => sender.connect(),
    append: async (name, partition, records) =>
      (await sender.send(name, partition, records)).baseOffset,
    commit: async ({ partitions, offsets }) => {
      for (const { name, partition, records } of partitions)
        for (const piece of splitBySize(records, sendBytesMax)) {
          assertOurs()
          await sender.send(name, partition, piece)
        }
      settings.reached('sent')
      if (offsets.length > 0 && (await membership.commitOffsets(offsets)) === 'lost') assertOurs()
      settings.reached('offsets-sent')
    },
    close: () => sender.close(),
  }
}
