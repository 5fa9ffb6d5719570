import type { ApplicationHost, ApplicationLock, Deployment, OverviewPlace } from '@vesemir/contract'
import type { Subject } from '../access/decide.ts'
import type { ApplicationEnvironment } from '../ports/application-environment.ts'
import { isChanging } from '../is-changing.ts'
import type { WantedRelease } from '../release-report.ts'
import { isOpenFailure } from './is-open-failure.ts'

/** What is known of a place. */
export interface PlaceFacts {
  hosts: readonly ApplicationHost[]
  wanted: WantedRelease | undefined
  lock: ApplicationLock | undefined
  /** Deployments that have not ended, newest first. */
  ongoing: readonly Pick<Deployment, 'id'>[]
  /** Deployments that failed, newest first. */
  failed: readonly Deployment[]
}

/** Sums up an application's environment. Hosts that a deployment in progress has changed are as they should be for now. */
export function summarizePlace(
  { application, environment, team, cluster }: ApplicationEnvironment & Subject,
  { hosts, wanted, lock, ongoing, failed }: PlaceFacts,
): Omit<OverviewPlace, 'promotions'> {
  const ids = ongoing.map(({ id }) => id)
  const inProgress = new Set(ids)
  const resting = hosts.filter((host) => !isChanging(host, inProgress))
  return {
    application,
    environment,
    ...(team === undefined ? {} : { team }),
    ...(cluster === undefined ? {} : { cluster }),
    ...(wanted ? { version: wanted.version, deployment: wanted.deployment } : {}),
    ...(wanted?.since === undefined ? {} : { since: wanted.since }),
    versions: countVersions(hosts),
    drifted: resting.filter(({ drift }) => drift !== undefined).map(({ host }) => host),
    outOfRotation: resting
      .filter(({ traffic }) => traffic !== 'untouched' && traffic !== 'restored')
      .map(({ host }) => host),
    ...(lock ? { lock } : {}),
    ongoing: ids,
    ...failureOf(failed, wanted),
  }
}

/** One that failed before its plan has no machines that another could take over: a later one that succeeded is what hides it. */
function failureOf(failed: readonly Deployment[], wanted: WantedRelease | undefined): Pick<OverviewPlace, 'failure'> {
  const last = failed.find((each) => isOpenFailure(each) && each.createdAt > (wanted?.since ?? ''))
  if (!last) return {}
  const { id, spec, counts, plan } = last
  return {
    failure: {
      deployment: id,
      version: spec.version,
      failed: counts.failed + counts.unreachable,
      hosts: plan?.hosts ?? 0,
    },
  }
}

function countVersions(hosts: readonly ApplicationHost[]): OverviewPlace['versions'] {
  return [...Map.groupBy(hosts, ({ runs }) => runs?.version)]
    .map(([version, { length }]) => ({ ...(version === undefined ? {} : { version }), hosts: length }))
    .toSorted((a, b) => b.hosts - a.hosts)
}
