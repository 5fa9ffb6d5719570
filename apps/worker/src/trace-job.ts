import type { Tracing } from '@vesemir/process/tracing'
import type { DeploymentJob, ProcessJob } from '@vesemir/store/queue'

interface JobTracing {
  tracing: Tracing | undefined
  cluster: string
  worker: string
}

/** Traces a job as a part of what it was added by: the request of its deployment, or the job of the deployment for a host's. */
export function traceJob<Job extends DeploymentJob & { host?: string }>(
  process: ProcessJob<Job>,
  { tracing, cluster, worker }: JobTracing,
): ProcessJob<Job> {
  if (!tracing) return process
  return (job, signal, run) => {
    const { deploymentId, application, environment, version, host, traceparent, request } = job
    const attributes = {
      'messaging.system': 'bullmq',
      'messaging.operation.type': 'process',
      'messaging.destination.name': `${host === undefined ? 'deployments' : 'hosts'}-${cluster}`,
      'messaging.message.id': run.id,
      'vesemir.deployment': deploymentId,
      'vesemir.application': application,
      'vesemir.environment': environment,
      'vesemir.version': version,
      'vesemir.host': host,
      'vesemir.request': request,
      'vesemir.cluster': cluster,
      'vesemir.worker': worker,
    }
    const name = host === undefined ? 'deployment' : 'host'
    return tracing.span(name, { kind: 'consumer', attributes, traceparent }, () => process(job, signal, run))
  }
}
