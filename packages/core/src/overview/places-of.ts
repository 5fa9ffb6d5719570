import type { ApplicationLock, Deployment, OverviewPlace, Session } from '@vesemir/contract'
import { findGrant } from '../access/decide.ts'
import { subjectOf } from '../access/visible-application.ts'
import type { KnownApplication } from '../ports/known-applications.ts'
import { findPromotions } from './find-promotions.ts'
import { isOpenFailure } from './is-open-failure.ts'
import { summarizePlace } from './summarize-place.ts'

interface Known {
  locks: readonly ApplicationLock[]
  /** Deployments that have not ended, newest first. */
  ongoing: readonly Deployment[]
  /** Deployments that failed, newest first. */
  failed: readonly Deployment[]
}

/** Sums up an application's environments, as far as the caller may see them. */
export function placesOf(
  { definition, hosts, wanted }: KnownApplication,
  { caller, locks, ongoing, failed }: Known & { caller: Pick<Session, 'grants'> },
): OverviewPlace[] {
  const application = definition.name
  const isHere = (environment: string) => (other: { application: string; environment: string }) =>
    other.application === application && other.environment === environment
  const environments = [
    ...Object.keys(definition.environments ?? {}),
    ...wanted.keys(),
    ...hosts.map(({ environment }) => environment),
    ...[...ongoing, ...failed.filter(isOpenFailure)].flatMap(({ spec }) =>
      spec.application === application ? [spec.environment] : [],
    ),
  ]
  const places = [...new Set(environments)].flatMap((environment) => {
    const place = { ...subjectOf({ application, environment }, definition), application, environment }
    if (!findGrant(caller.grants, 'read', place)) return []
    return summarizePlace(place, {
      hosts: hosts.filter((host) => host.environment === environment),
      wanted: wanted.get(environment),
      lock: locks.find(isHere(environment)),
      ongoing: ongoing.filter(({ spec }) => isHere(environment)(spec)),
      failed: failed.filter(({ spec }) => isHere(environment)(spec)),
    })
  })
  return places.map((place) => ({ ...place, promotions: findPromotions(place, places) }))
}
