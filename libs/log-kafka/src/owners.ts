import type { TaskOwner } from '@tidemark/log'
import type { TopicAdmin } from './admin.ts'
import { tasksIn } from './assigner.ts'

/** Whom the coordinator has assigned the tasks of a group to.. */
export const taskOwners = async (
  admin: Pick<TopicAdmin, 'members'>,
  groupId: string,
): Promise<readonly TaskOwner[]> => {
  const members = await admin.members(groupId)
  return members
    .flatMap(({ memberId, clientHost, assignment }) =>
      tasksIn(assignment).map((task) => ({
        task,
        member: memberId,
        host: clientHost.replace(/^\//, ''),
        pid: null,
      })),
    )
    .sort((a, b) => a.task - b.task)
}
