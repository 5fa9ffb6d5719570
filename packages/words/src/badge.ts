import type { Deployment, OverviewPlace } from '@vesemir/contract'
import { deploymentStatus } from './status.ts'
import { toned, type Status, type Tone } from './text.ts'

/** What a badge says: the place on the left, what is so there on the right, in the colour of a tone. */
export interface Badge {
  label: string
  message: string
  tone: Tone
}

/**
 * Describes an environment in a badge: the version that was last deployed to all hosts, and what is not as usual.
 * `latest` is the deployment that is in progress there, or else the one that was asked for last.
 */
export function describeBadge(place: OverviewPlace, latest: Deployment | undefined): Badge {
  const { application, environment, version, drifted, lock } = place
  const notes = [
    ...(latest ? describeLatest(latest) : []),
    ...(drifted.length > 0 ? [toned(`${drifted.length} drifted`, 'bad')] : []),
    ...(lock ? [toned('locked', 'waiting')] : []),
  ]
  const usual: Status = version === undefined ? toned('not deployed', 'idle') : toned(version, 'good')
  return {
    label: `${application} ${environment}`,
    message: [usual, ...notes].map(({ text }) => text).join(' · '),
    tone: (notes[0] ?? usual).tone,
  }
}

/** A success says nothing: the version is what it deployed, unless it was for some hosts alone. */
function describeLatest(deployment: Deployment): Status[] {
  const { text, tone } = deploymentStatus(deployment)
  const { version } = deployment.spec
  switch (deployment.state.status) {
    case 'succeeded':
      return []
    case 'planning':
    case 'running':
      return [toned(deployment.intent === 'rollback' ? `${version} ${text}` : `deploying ${version}`, tone)]
    case 'queued':
    case 'paused':
    case 'gated':
    case 'failed':
    case 'cancelled':
    case 'rolled-back':
      return [toned(`${version} ${text}`, tone)]
  }
}
