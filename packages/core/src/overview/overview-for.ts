import type { ApplicationLock, Deployment, Overview, OverviewPlace, Session } from '@vesemir/contract'
import { findGrant } from '../access/decide.ts'
import type { Rules } from '../access/rules.ts'
import { subjectOf } from '../access/visible-application.ts'
import type { KnownApplication } from '../ports/known-applications.ts'
import { findPromotions } from './find-promotions.ts'
import { needOf } from './need-of.ts'
import { summarizePlace } from './summarize-place.ts'

interface Known {
  applications: readonly KnownApplication[]
  locks: readonly ApplicationLock[]
  /** Deployments that have not ended, newest first. */
  ongoing: readonly Deployment[]
  /** The caller's deployments that failed, newest first. */
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
  const waiting = [...ongoing, ...deployments.failed.filter(isVisible)]
  return {
    needs: waiting.flatMap((deployment) => {
      const need = needOf(deployment, { caller, rules, nowMs })
      return need ? [{ need, deployment }] : []
    }),
    ongoing,
    places: applications.flatMap((application) => placesOf(application, { caller, locks, ongoing })),
  }
}

function placesOf(
  { definition, hosts, wanted }: KnownApplication,
  { caller, locks, ongoing }: Pick<Known, 'locks' | 'ongoing'> & { caller: Pick<Session, 'grants'> },
): OverviewPlace[] {
  const application = definition.name
  const isHere = (environment: string) => (other: { application: string; environment: string }) =>
    other.application === application && other.environment === environment
  const environments = [
    ...Object.keys(definition.environments ?? {}),
    ...wanted.keys(),
    ...hosts.map(({ environment }) => environment),
    ...ongoing.flatMap(({ spec }) => (spec.application === application ? [spec.environment] : [])),
  ]
  const places = [...new Set(environments)].flatMap((environment) => {
    const place = { ...subjectOf({ application, environment }, definition), application, environment }
    if (!findGrant(caller.grants, 'read', place)) return []
    return summarizePlace(place, {
      hosts: hosts.filter((host) => host.environment === environment),
      wanted: wanted.get(environment),
      lock: locks.find(isHere(environment)),
      ongoing: ongoing.filter(({ spec }) => isHere(environment)(spec)),
    })
  })
  return places.map((place) => ({ ...place, promotions: findPromotions(place, places) }))
}
