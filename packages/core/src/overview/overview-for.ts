import type { ApplicationLock, Deployment, Overview, Session } from '@vesemir/contract'
import { findGrant } from '../access/decide.ts'
import type { Rules } from '../access/rules.ts'
import type { KnownApplication } from '../ports/known-applications.ts'
import { needOf } from './need-of.ts'
import { placesOf } from './places-of.ts'

interface Known {
  applications: readonly KnownApplication[]
  locks: readonly ApplicationLock[]
  /** Deployments that have not ended, newest first. */
  ongoing: readonly Deployment[]
  /** The caller's deployments that failed, newest first. */
  ownFailed: readonly Deployment[]
  /** The newest deployments that failed, whoever requested them. */
  failed: readonly Deployment[]
}

/** Returns what someone sees who has signed in: what needs them, what is in progress, and what runs where, as their grants allow. */
export function overviewFor(
  caller: Pick<Session, 'name' | 'grants'>,
  { applications, locks, ...deployments }: Known,
  { rules, nowMs }: { rules: Rules; nowMs: number },
): Overview {
  const isVisible = ({ spec }: Deployment) => findGrant(caller.grants, 'read', spec) !== undefined
  const ongoing = deployments.ongoing.filter(isVisible)
  const failed = deployments.failed.filter(isVisible)
  const waiting = [...ongoing, ...deployments.ownFailed.filter(isVisible)]
  return {
    needs: waiting.flatMap((deployment) => {
      const need = needOf(deployment, { caller, rules, nowMs })
      return need ? [{ need, deployment }] : []
    }),
    ongoing,
    places: applications.flatMap((application) => placesOf(application, { caller, locks, ongoing, failed })),
  }
}
