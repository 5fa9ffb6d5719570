import type { Queues } from '@vesemir/store/queue'
import { noticesOf, type NoticeProgress, type Notices } from '@vesemir/core'
import type { Log } from '@vesemir/process/log'

interface NoticesDeps {
  noticeProgress: NoticeProgress
  queues: Pick<Queues, 'enqueueNotice'>
  log: Log
}

/**
 * Puts a notice into the queue for everything that has happened and is to be told. What is done is noted afterwards: a worker
 * that dies in between has it done again, and the jobs' ids see to it that nothing is sent for that.
 */
export function createNotices({ noticeProgress, queues, log }: NoticesDeps): Notices {
  return {
    async catchUp(deployment) {
      const { id, spec } = deployment
      if (spec.notifications.length === 0) return
      try {
        for (
          let events = await noticeProgress.readPending(deployment);
          events.length > 0;
          events = await noticeProgress.readPending(deployment)
        ) {
          for (const job of noticesOf(deployment, events)) await queues.enqueueNotice(job)
          await noticeProgress.markNotified(id, events.at(-1)!.seq)
        }
      } catch (err) {
        log.error({ err, deployment: id }, 'notices not enqueued; will retry')
      }
    },
  }
}
