import type { ApplicationHost, Deployment, DeploymentRef, HostFact, HostRecord } from '@vesemir/contract'
import { placeField, type Keys, type Place } from './keys.ts'
import { parse, type Store } from './store.ts'
import type { Change } from './writer.ts'

type Kept = Omit<ApplicationHost, 'drift'>

interface Wanted {
  deployment: string
  release: string
  version: string
}

/** What follows from a host's fact for what is kept of its release: nothing, unless a release was put in place or taken back. */
export function releaseChange(
  keys: Keys,
  { fact, at, host, deployment }: { fact: HostFact; at: string; host: HostRecord; deployment: Deployment },
): Change['beside'] {
  const release = runningRelease(fact, host)
  if (release === undefined) return undefined
  const { application, environment, version } = deployment.spec
  const kept: Kept = {
    host: host.target.name,
    environment,
    release,
    version: fact.type === 'host.ended' && fact.outcome === 'rolled-back' ? versionOf(release) : version,
    deployment: deployment.id,
    at,
    traffic: fact.type === 'host.ended' ? fact.traffic : 'drained',
    isVersionProven: fact.type === 'host.ended' && fact.isVersionProven === true,
  }
  return { key: keys.releases(application), field: placeField(environment, kept.host), value: JSON.stringify(kept) }
}

/** What follows from a deployment's success: this is what its hosts should run. */
export function wantedChange(keys: Keys, { id, spec, plan }: Deployment): Change['beside'] {
  const wanted: Wanted = { deployment: id, release: plan!.release.id, version: spec.version }
  return { key: keys.wanted(spec.application), field: spec.environment, value: JSON.stringify(wanted) }
}

/** Lists what runs on each host of an application, by environment and name, and tells those that should run something else. */
export async function listHosts(
  { redis, keys }: Store,
  { application, environment }: { application: string; environment?: string | undefined },
): Promise<ApplicationHost[]> {
  const [releases, wanted] = await Promise.all([
    redis.hgetall(keys.releases(application)),
    redis.hgetall(keys.wanted(application)),
  ])
  return Object.keys(releases)
    .toSorted()
    .map((field) => parse<Kept>(releases[field]!))
    .filter((host) => environment === undefined || host.environment === environment)
    .map((host) => withDrift(host, wanted[host.environment]))
}

/** The deployment by which each host of a place runs what it runs. */
export async function readReleases(store: Store, place: Place): Promise<Map<string, DeploymentRef>> {
  const hosts = await listHosts(store, place)
  return new Map(hosts.map(({ host, deployment, version }) => [host, { id: deployment, version }]))
}

/** The deployments that the hosts of an application were last changed by, and those whose releases they should run. */
export async function listInUse({ redis, keys }: Store, application: string): Promise<string[]> {
  const kept = await Promise.all([redis.hvals(keys.releases(application)), redis.hvals(keys.wanted(application))])
  return [...new Set(kept.flat().map((json) => parse<Kept | Wanted>(json).deployment))]
}

function withDrift(host: Kept, json: string | undefined): ApplicationHost {
  const wanted = json === undefined ? undefined : parse<Wanted>(json)
  if (!wanted || wanted.release === host.release) return host
  return { ...host, drift: `should run ${wanted.version}, as ${wanted.deployment} deployed it` }
}

function runningRelease(fact: HostFact, { release }: HostRecord): string | undefined {
  if (fact.type === 'release.introduced') return fact.release
  if (fact.type !== 'host.ended') return undefined
  return fact.outcome === 'rolled-back' ? release?.previous : release?.id
}

/** A release is called by its version, and where one version may have several contents, by a sum of that after a dash. */
function versionOf(release: string): string {
  return release.replace(/-[0-9a-f]{8}$/, '')
}
