import { readLayout } from '@tidemark/codec'
import { NotProvisionedError, type Log } from '@tidemark/log'
import type { Layout } from '@tidemark/model'

/** The layout that the log was provisioned with. */
export const layoutOf = async (log: Log): Promise<Layout> => {
  const record = await log.layoutRecord()
  if (record === null)
    throw new NotProvisionedError(
      'this log is not provisioned: run "tidemark topics provision" first',
    )
  return readLayout(record)
}
