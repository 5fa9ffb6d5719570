import type { DeploymentEvent, Notice } from '@vesemir/contract'
import type { NoticedDeployment } from './ports/notices.ts'
import { runningMs } from './running-ms.ts'

/** A notice, and the name of who is to get it. */
export interface AddressedNotice {
  to: string
  notice: Notice
}

/**
 * Makes what is to be told out of a deployment's events, for everyone whom its settings name. It follows from the event
 * and what came before it, so that making it again gives the same.
 */
export function noticesOf(deployment: NoticedDeployment, events: readonly DeploymentEvent[]): AddressedNotice[] {
  return events.flatMap((event) => {
    const notice = noticeOf(deployment, event)
    if (!notice) return []
    const wanting = deployment.spec.notifications.filter(({ on }) => on.includes(notice.event))
    return [...new Set(wanting.map(({ to }) => to))].map((to) => ({ to, notice }))
  })
}

function noticeOf(deployment: NoticedDeployment, event: DeploymentEvent): Notice | undefined {
  const { id, spec, requestedBy } = deployment
  const { application, environment, version, team, cluster, reason } = spec
  const about = {
    // A deployment's id has no `~`, and BullMQ takes no `:` in the id of a job.
    id: `${id}~${event.seq}`,
    at: event.at,
    deployment: {
      id,
      application,
      environment,
      version,
      team,
      cluster,
      requestedBy,
      ...(spec.converges?.bySchedule ? { bySchedule: true as const } : {}),
      ...(reason === undefined ? {} : { reason }),
    },
  }
  if (event.type === 'deployment.planned') {
    const { hosts, waves } = event.plan
    return { ...about, event: 'started', hosts: hosts.length, waves: waves.length }
  }
  if (event.type === 'deployment.gated') return { ...about, event: 'gated', gate: event.gate }
  if (event.type !== 'deployment.ended') return undefined
  const { outcome, failure, note } = event
  return {
    ...about,
    event: 'ended',
    outcome,
    durationMs: runningMs(deployment, Date.parse(event.at)),
    ...(failure === undefined ? {} : { failure }),
    ...(note === undefined ? {} : { note }),
  }
}
