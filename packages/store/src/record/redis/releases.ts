import {
  BegunRelease,
  Traffic,
  type ApplicationHost,
  type Deployment,
  type HostFact,
  type HostRecord,
  type RunningRelease,
} from '@vesemir/contract'
import {
  compareHost,
  reportRelease,
  wantedAfter,
  wantedOn,
  wantedWithout,
  type HostRuns,
  type HostsSelection,
  type ApplicationEnvironment,
} from '@vesemir/core'
import { readEach, readJson, readValue } from '../../redis/read-json.ts'
import { fields, hostField, type Keys } from './keys.ts'
import { HostNames, InstalledRelease, ReportedRelease, WantedRelease } from './schemas.ts'
import { announceChange, timestamp, type Store } from './store.ts'
import type { AlsoWritten } from './numbered-appends.ts'

/** What follows from a host's fact for what is kept of its release, across deployments. */
export function releaseWrites(
  keys: Keys,
  { fact, at, host, deployment }: { fact: HostFact; at: string; host: HostRecord; deployment: Deployment },
): AlsoWritten[] {
  const { application, environment } = deployment.spec
  const { put, said, traffic, begun } = reportRelease(fact, { at, host, deployment })
  const field = hostField(environment, fact.host)
  return [
    ...(put ? [{ key: keys.releases(application), field, value: JSON.stringify(put) }] : []),
    ...(said ? [{ key: keys.saidReleases(application), field, value: JSON.stringify(said) }] : []),
    ...(traffic ? [{ key: keys.hostTraffic(application), field, value: traffic }] : []),
    ...(begun
      ? [{ key: keys.begunReleases(application), field, value: begun === 'settled' ? '' : JSON.stringify(begun) }]
      : []),
  ]
}

/**
 * What follows for what hosts should run: from a deployment's success, its release; from its way back, what should before. A
 * deployment to hosts of its request's choice says nothing of the others.
 */
export async function wantedChange(
  { redis, keys, clock }: Store,
  { deployment, isBack }: { deployment: Deployment; isBack: boolean },
): Promise<AlsoWritten[]> {
  const { application, environment, partial } = deployment.spec
  const key = partial ? keys.wantedOnHosts(application) : keys.wanted(application)
  const changed = partial ? await hostFields({ redis, keys }, deployment) : [environment]
  if (changed.length === 0) return []
  const since = timestamp(clock)
  const before = (await redis.hmget(key, ...changed)).map(readWanted)
  return changed.map((field, index) => {
    const wanted = isBack
      ? wantedWithout(deployment.id, before[index])
      : wantedAfter(deployment, { before: before[index], since })
    return { key, field, value: wanted ? JSON.stringify(wanted) : '' }
  })
}

async function hostFields({ redis, keys }: Pick<Store, 'redis' | 'keys'>, { id, spec }: Deployment): Promise<string[]> {
  const names = await redis.hget(keys.record(id), fields.hostNames)
  return names === null
    ? []
    : readJson(HostNames, names, `the hosts of ${id}`).map((host) => hostField(spec.environment, host))
}

/** Lists an application's hosts by environment and name, as `HostHistory.list`. */
export async function listHosts(
  store: Store,
  { application, environment, inventory = new Map() }: { application: string } & HostsSelection,
): Promise<ApplicationHost[]> {
  const { put, said, traffic, begun, wanted, wantedOnHosts } = await readHosts(store, application)
  const inInventory = [...inventory].flatMap(([place, hosts]) => [...hosts].map((host) => hostField(place, host)))
  const inDoubt = Object.keys(begun).filter((field) => begun[field])
  const all = [...new Set([...Object.keys(put), ...Object.keys(said), ...inDoubt, ...inInventory])].toSorted()
  const read = (field: string) => {
    const [place, host] = field.split('/') as [string, string]
    if (environment !== undefined && environment !== place) return undefined
    const what = `what runs on ${field} of ${application}`
    const news = {
      ...(put[field] ? { put: readJson(InstalledRelease, put[field], what) } : {}),
      ...(said[field] ? { said: readJson(ReportedRelease, said[field], what) } : {}),
      ...(traffic[field] ? { traffic: readValue(Traffic, traffic[field], what) } : {}),
      ...(begun[field] ? { begun: readJson(BegunRelease, begun[field], what) } : {}),
    }
    return compareHost(
      { host, environment: place },
      {
        news,
        wanted: wantedOn(readWanted(wanted[place]), readWanted(wantedOnHosts[field])),
        inInventory: inventory.get(place)?.has(host),
      },
    )
  }
  return readEach(all, { read, onInvalid: store.onInvalid }).filter((host) => host !== undefined)
}

/** Reads what should run in an environment, by deployments to all of its hosts. */
export async function readWantedIn(
  { redis, keys }: Store,
  { application, environment }: ApplicationEnvironment,
): Promise<WantedRelease | undefined> {
  return readWanted(await redis.hget(keys.wanted(application), environment))
}

async function readHosts({ redis, keys }: Store, application: string) {
  const [put, said, traffic, begun, wanted, wantedOnHosts] = await Promise.all([
    redis.hgetall(keys.releases(application)),
    redis.hgetall(keys.saidReleases(application)),
    redis.hgetall(keys.hostTraffic(application)),
    redis.hgetall(keys.begunReleases(application)),
    redis.hgetall(keys.wanted(application)),
    redis.hgetall(keys.wantedOnHosts(application)),
  ])
  return { put, said, traffic, begun, wanted, wantedOnHosts }
}

/** Reads what should run in each environment of an application where that is known. */
export async function readWantedReleases(
  { redis, keys, onInvalid }: Store,
  application: string,
): Promise<Map<string, WantedRelease>> {
  const kept = await redis.hgetall(keys.wanted(application))
  const read = (environment: string) => [environment, readWanted(kept[environment])] as const
  const all = readEach(Object.keys(kept).toSorted(), { read, onInvalid })
  return new Map(all.flatMap(([environment, wanted]) => (wanted ? [[environment, wanted]] : [])))
}

/** Forgets a host of a place, as `HostHistory.forget`. */
export async function forgetHost(
  store: Store,
  { place: { application, environment }, host }: { place: ApplicationEnvironment; host: string },
): Promise<boolean> {
  const { redis, keys } = store
  const field = hostField(environment, host)
  const ofHosts = [keys.releases, keys.saidReleases, keys.hostTraffic, keys.begunReleases, keys.wantedOnHosts]
  const removed = await Promise.all(ofHosts.map((key) => redis.hdel(key(application), field)))
  await announceChange(store)
  return removed.some((count) => count > 0)
}

/** What each host of a place runs, and by which deployment, as far as that is known. */
export async function readReleases(store: Store, place: ApplicationEnvironment): Promise<Map<string, HostRuns>> {
  const hosts = await listHosts(store, place)
  return new Map(
    hosts.flatMap(({ host, runs, mayRun }) => (runs ? [[host, mayRun ? eitherOf(runs, mayRun) : runsOf(runs)]] : [])),
  )
}

function runsOf({ deployment: id, version }: RunningRelease): HostRuns {
  return { id, version }
}

/** What a host runs that may run another: it is a deployment's where both are. */
function eitherOf(runs: RunningRelease, mayRun: BegunRelease): HostRuns {
  const id = runs.deployment === mayRun.deployment ? runs.deployment : undefined
  return { id, version: `${runs.version} or ${mayRun.version}` }
}

/** The deployments that the hosts of an application were last changed by, or may have been, and those whose releases they should run. */
export async function listInUse({ redis, keys, onInvalid }: Store, application: string): Promise<string[]> {
  const [put, begun, wanted, wantedOnHosts] = await Promise.all([
    redis.hvals(keys.releases(application)),
    redis.hvals(keys.begunReleases(application)),
    redis.hvals(keys.wanted(application)),
    redis.hvals(keys.wantedOnHosts(application)),
  ])
  const releases = [
    ...readEach(put, {
      read: (json) => readJson(InstalledRelease, json, `what runs on a host of ${application}`),
      onInvalid,
    }),
    ...readEach(begun.filter(Boolean), {
      read: (json) => readJson(BegunRelease, json, `what may run on a host of ${application}`),
      onInvalid,
    }),
    ...readEach([...wanted, ...wantedOnHosts], { read: readWanted, onInvalid }),
  ]
  return [...new Set(releases.flatMap((release) => release?.deployment ?? []))]
}

function readWanted(json: string | null | undefined): WantedRelease | undefined {
  return json ? readJson(WantedRelease, json, 'what hosts should run') : undefined
}
