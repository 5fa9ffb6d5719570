import type { Recipients } from '@vesemir/machines/notification'
import type { NoticeJob, ProcessJob } from '@vesemir/store/queue'
import type { Notice } from '@vesemir/contract'
import { VesemirError } from '@vesemir/core'
import type { Log } from '@vesemir/process/log'

interface NoticeJobDeps {
  recipients: Recipients
  /** Where people open the web page, if it is known. */
  url?: string | undefined
  log: Log
}

/**
 * Makes the processor of the jobs of notices: it sends the notice to the recipient that it is for.
 * @throws {VesemirError} `NOTIFICATION_REFUSED`, also when the settings do not know the recipient, and `NOTIFICATION_FAILED`
 */
export function createNoticeJob({ recipients, url, log }: NoticeJobDeps): ProcessJob<NoticeJob> {
  return async ({ to, notice }, signal, run) => {
    const { id: deployment, application, environment } = notice.deployment
    const noticeLog = log.child({
      job: run.id,
      deployment,
      application,
      environment,
      recipient: to,
      notice: notice.event,
    })
    try {
      const recipient = recipients.get(to)
      if (!recipient)
        throw new VesemirError('NOTIFICATION_REFUSED', `recipient "${to}" is not configured in the worker's settings`)
      await recipient.send(url === undefined ? notice : linked(notice, url), signal)
      noticeLog.info('notice sent')
    } catch (err) {
      if (!signal.aborted) noticeLog.warn({ err, attempt: run.number + 1 }, 'notice not sent')
      throw err
    }
  }
}

function linked(notice: Notice, url: string): Notice {
  const { deployment } = notice
  return { ...notice, deployment: { ...deployment, url: `${url.replace(/\/+$/, '')}/deployments/${deployment.id}` } }
}
