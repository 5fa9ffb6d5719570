import type { Recipients } from '@vesemir/adapters/notification'
import type { NoticeJob, ProcessJob } from '@vesemir/adapters/queue'
import { VesemirError } from '@vesemir/core'
import type { Logger } from 'pino'

/**
 * Makes the processor of the jobs of notices: it sends the notice to the recipient that it is for.
 * @throws {VesemirError} `NOTIFICATION_REFUSED`, also when the settings do not know the recipient, and `NOTIFICATION_FAILED`
 */
export function createNoticeJob({ recipients, log }: { recipients: Recipients; log: Logger }): ProcessJob<NoticeJob> {
  return async ({ to, notice }, signal, run) => {
    const { id: deploymentId, application, environment } = notice.deployment
    const noticeLog = log.child({ deploymentId, application, environment, recipient: to, notice: notice.event })
    try {
      const recipient = recipients.get(to)
      if (!recipient) throw new VesemirError('NOTIFICATION_REFUSED', `the worker's settings have no recipient ${to}`)
      await recipient.send(notice, signal)
      noticeLog.info('notice sent')
    } catch (err) {
      if (!signal.aborted) noticeLog.warn({ err, attempt: run.number + 1 }, 'notice not sent')
      throw err
    }
  }
}
