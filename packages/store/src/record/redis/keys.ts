import { crc32 } from 'node:zlib'
import type { EndedState, HostStatus } from '@vesemir/contract'
import type { ApplicationEnvironment } from '@vesemir/core'
import { taggedPrefix, type RedisClient } from '../../redis/redis-client.ts'
import { numberOf } from './deployment-number.ts'

export type Keys = ReturnType<typeof createKeys>

/** What deployments are indexed by for processes of the version before the listing, each value with a sorted set of its own. */
export const indexedFields = ['application', 'environment', 'team'] as const
export type IndexedField = (typeof indexedFields)[number]

/** What deployments are found by that never changes. `by` is who requested them. */
export const listedFields = ['application', 'environment', 'team', 'cluster', 'by'] as const
export type ListedField = (typeof listedFields)[number]

/** What deployments are found by that has many values, each of few deployments. */
export type TermKind = 'version' | 'word' | 'host'

/** The states in which a deployment may have ended. */
export const endedStatuses = [
  'succeeded',
  'failed',
  'cancelled',
  'rolled-back',
] as const satisfies EndedState['status'][]
export type EndedStatus = (typeof endedStatuses)[number]

/** In a Redis Cluster deployments are in as many shards, each a slot. It never changes: the numbers of deployments follow from it. */
const shardsOfCluster = 16

/**
 * Names every key of the record. All that a script changes at once is in one shard, of which there is but one outside of a Redis Cluster: a
 * deployment, its application, and the sets that it is in. So that its shard follows from its id too, the remainder of its number by
 * `shards.length` is that of its application. Keys that are changed alone are in no shard.
 */
export function createKeys(redis: Pick<RedisClient, 'isCluster'>, ownPrefix: string) {
  const tagged = (tag: string | number) => taggedPrefix(redis, { prefix: ownPrefix, tag })
  const count = redis.isCluster ? shardsOfCluster : 1
  const shards = Array.from({ length: count }, (_, shard) => createShardKeys(tagged(shard)))
  const shardOfApplication = (application: string) => crc32(application) % count
  const ofApplication = (application: string) => shards[shardOfApplication(application)]!
  const ofDeployment = (id: string) => shards[numberOf(id) % count] ?? shards[0]!
  const [{ lastNumber, lastPlan }] = shards as [ShardKeys]
  const { applications, applicationsList } = createShardKeys(tagged('applications'))
  const {
    active: _active,
    deployments: _deployments,
    epoch: _epoch,
    ready: _ready,
    ...alone
  } = createShardKeys(ownPrefix)
  return {
    ...alone,
    applications,
    applicationsList,
    shards,
    shardOfApplication,
    ofApplication,
    ofDeployment,
    lastNumber,
    lastPlan,
    record: (id: string) => ofDeployment(id).record(id),
    events: (id: string) => ofDeployment(id).events(id),
    log: (id: string) => ofDeployment(id).log(id),
    commands: (id: string) => ofDeployment(id).commands(id),
    ends: (id: string) => ofDeployment(id).ends(id),
    turns: (place: ApplicationEnvironment) => ofApplication(place.application).turns(place),
    current: (application: string) => ofApplication(application).current(application),
    releases: (application: string) => ofApplication(application).releases(application),
    saidReleases: (application: string) => ofApplication(application).saidReleases(application),
    hostTraffic: (application: string) => ofApplication(application).hostTraffic(application),
    begunReleases: (application: string) => ofApplication(application).begunReleases(application),
    wanted: (application: string) => ofApplication(application).wanted(application),
    wantedOnHosts: (application: string) => ofApplication(application).wantedOnHosts(application),
    durations: (place: ApplicationEnvironment) => ofApplication(place.application).durations(place),
  }
}

type ShardKeys = ReturnType<typeof createShardKeys>

/** Names the keys of one shard. */
function createShardKeys(prefix: string) {
  return {
    /** The channel on which it is announced that anything of the record has changed, output apart. */
    changes: `${prefix}:changes`,
    /** The hash of the epoch: its id, how many there have been, and how often processes have looked. */
    epoch: `${prefix}:epoch`,
    /** The number of the last event that each deployment in progress had when the epoch began. */
    restored: `${prefix}:epoch:restored`,
    applications: `${prefix}:applications`,
    /** Which definition of each holds. */
    applicationsList: `${prefix}:applications:list`,
    /** The number that was given last. */
    lastNumber: `${prefix}:deployments:last`,
    /** The number of the plan that was made last, and plans that can be deployed. */
    lastPlan: `${prefix}:plans:last`,
    plan: (id: string) => `${prefix}:plan:${id}`,
    /** All deployments, by number. */
    deployments: `${prefix}:deployments`,
    /** A bit for each number whose deployment was removed. */
    removed: `${prefix}:deployments:removed`,
    /** The ids of those that have not ended. */
    active: `${prefix}:deployments:active`,
    index: (field: IndexedField, value: string) => `${prefix}:deployments:${field}:${value}`,
    listing: listingKeys(prefix),
    idempotency: (requestedBy: string, key: string) => `${prefix}:idempotency:${requestedBy}:${key}`,
    /** What is written to see whether Redis takes writes. */
    ready: `${prefix}:ready`,
    ...deploymentKeys(prefix),
    /** The deployments of an application in an environment that have not ended, in the order of their turns. */
    turns: ({ application, environment }: ApplicationEnvironment) => `${prefix}:turns:${application}:${environment}`,
    /** The deployment that had an application's machines last: JSON by environment. */
    current: (application: string) => `${prefix}:current:${application}`,
    /** Where deployments are held off: JSON by place. */
    locks: `${prefix}:locks`,
    /** The last round of each schedule: JSON by place. */
    convergeRounds: `${prefix}:converge-rounds`,
    /** What was last put in place on each host of an application, and what it named as current itself: JSON by environment and host. */
    releases: (application: string) => `${prefix}:releases:${application}`,
    saidReleases: (application: string) => `${prefix}:releases:${application}:said`,
    /** Where the traffic of each host of an application was left last: by environment and host. */
    hostTraffic: (application: string) => `${prefix}:releases:${application}:traffic`,
    /** What a deployment has begun to put in place on each host of an application: JSON by environment and host, '' once that is settled. */
    begunReleases: (application: string) => `${prefix}:releases:${application}:begun`,
    /** What hosts of an application should run: JSON by environment. */
    wanted: (application: string) => `${prefix}:wanted:${application}`,
    /** The same for hosts alone, of deployments that were to some hosts: JSON by environment and host. */
    wantedOnHosts: (application: string) => `${prefix}:wanted:${application}:hosts`,
    /** Which application's environments have statistics, and a hash for each, by day. */
    statisticsPlaces: `${prefix}:statistics`,
    statistics: ({ application, environment }: ApplicationEnvironment) =>
      `${prefix}:statistics:${application}:${environment}`,
    /** How long hosts took lately, in milliseconds. */
    durations: ({ application, environment }: ApplicationEnvironment) =>
      `${prefix}:durations:${application}:${environment}`,
  }
}

function deploymentKeys(prefix: string) {
  const record = (id: string) => `${prefix}:deployment:${id}`
  return {
    /** What the name of a record starts with. */
    recordPrefix: record(''),
    /** A hash with the fields of `fields`: all that is so. */
    record,
    /** Streams, and the channels on which their growth is announced. */
    events: (id: string) => `${record(id)}:events`,
    log: (id: string) => `${record(id)}:log`,
    /** The channels on which commands are announced, and that a host has ended. */
    commands: (id: string) => `${record(id)}:commands`,
    ends: (id: string) => `${record(id)}:ends`,
  }
}

function listingKeys(prefix: string) {
  return {
    /** A bit for each number of which the listing has all that never changes. */
    listed: `${prefix}:listing`,
    /** A bit for each number whose deployment has this value. */
    bits: (field: ListedField | 'status', value: string) => `${prefix}:listing:${field}:${value}`,
    /** The numbers of the deployments that have this: a set, and bits for those that did not fit into it. */
    term: (kind: TermKind, value: string) => `${prefix}:listing:term:${kind}:${value}`,
    frequent: (kind: TermKind, value: string) => `${prefix}:listing:frequent:${kind}:${value}`,
    /** A bit for each number of which versions and words, or hosts, are noted. */
    noted: (terms: 'terms' | 'hosts') => `${prefix}:listing:noted:${terms}`,
    /** The values that there are. */
    names: (field: ListedField) => `${prefix}:listing:${field}`,
  }
}

/** Names the fields of a deployment's hash. A scope is a host's name, or '' for the deployment itself. */
export const fields = {
  /** What was asked for, as the API signed it. */
  order: 'order',
  /** JSON of the deployment, its counts apart; not there before a worker has written it. */
  deployment: 'deployment',
  status: 'status',
  /** JSON of all commands that were given, oldest first. */
  commands: 'commands',
  seq: 'seq',
  /** The number of the last event of which people outside are told. */
  told: 'told',
  /** JSON of the hosts' names, in the plan's order. */
  hostNames: 'hosts',
  host: (name: string) => `host:${name}`,
  count: (status: HostStatus) => `count:${status}`,
  fence: (scope: string) => `fence:${scope}`,
  /** The last append of a scope: its attempt, and its number within it. */
  appended: (scope: string) => `appended:${scope}`,
}

/** Names the field of a host where an application's hosts of all environments are together. */
export function hostField(environment: string, host: string): string {
  return `${environment}/${host}`
}
