import type { DeploymentJob, ProcessJob } from '@vesemir/store/queue'
import { isVesemirError } from '@vesemir/core'
import type { Log } from '@vesemir/process/log'

/** Logs what becomes of a job: its start, and whether it was done, failed, or left to another worker. */
export function withLog<Job extends DeploymentJob & { host?: string }>(
  log: Log,
  process: ProcessJob<Job>,
): ProcessJob<Job> {
  return async (job, signal, run) => {
    const { deploymentId: deployment, application, environment, host, request } = job
    const jobLog = log.child({ job: run.id, deployment, application, environment, host, request })
    const startedMs = performance.now()
    const tookMs = () => Math.round(performance.now() - startedMs)
    jobLog.info('job started')
    try {
      await process(job, signal, run)
      jobLog.info({ durationMs: tookMs() }, 'job done')
    } catch (err) {
      if (signal.aborted || isVesemirError(err, 'FENCE_LOST'))
        jobLog.info({ durationMs: tookMs(), err }, 'job continues in another worker')
      else jobLog.warn({ durationMs: tookMs(), err }, 'job failed')
      throw err
    }
  }
}
