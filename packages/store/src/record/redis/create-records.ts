import {
  DeploymentId,
  type ApplicationDefinition,
  type ApplicationHost,
  type Command,
  type CommandAccepted,
  type Deployment,
  type DeploymentEvent,
  type DeploymentPage,
  type DeploymentFilter,
  type DeploymentView,
  type EventPage,
  type ApplicationLock,
  type HostRecord,
} from '@vesemir/contract'
import type { Clock, DeploymentClaim, HostClaim, VesemirError } from '@vesemir/core'
import type { Redis } from 'ioredis'
import { createAnnouncements } from '../../redis/announcements.ts'
import { readEach, readValue, type OnInvalid } from '../../redis/read-json.ts'
import { createApplicationReader, listApplications, putApplication } from './applications.ts'
import { beginHostRun, beginRun, type Begun } from './begin-run.ts'
import { claimDeployment } from './claim-deployment.ts'
import { claimHost } from './claim-host.ts'
import { createDeployment, type Created, type DeploymentOrder } from './create-deployment.ts'
import { typicalDurationMs } from './durations.ts'
import { deleteLock, listLocks, putLock, readLock } from './application-locks.ts'
import { giveCommand } from './give-command.ts'
import { createKeys, type Place } from './keys.ts'
import { listDeployments, walkOldestFirst } from './list-deployments.ts'
import { createLiveReader, type Follow } from './live-reader.ts'
import { readDeployment, readHost, readView, readViewJson } from './read-deployment.ts'
import { readEvents } from './read-events.ts'
import { keepPlan, nextPlanId, readPlan } from './plans.ts'
import { listHosts, listInUse } from './releases.ts'
import { missingDeployment } from './missing-deployment.ts'
import { removeDeployment } from './remove-deployment.ts'
import type { StoredPlan } from './schemas.ts'
import { createScripts } from './scripts.ts'
import type { Store } from './store.ts'
import { awaitTurn, nextInTurn } from './turns.ts'
import { markTold, readUntold } from './untold.ts'

export interface RecordsOptions {
  clock: Clock
  /** What every key starts with; `vesemir`. */
  prefix?: string
  /** News that follow each other within this time are told as one, which is what a follower then waits at most; 25 ms. */
  newsRestMs?: number
  /** About how many log entries (batches of up to 512 lines and 16 KiB) are kept for each deployment; 20,000. */
  logEntries?: number
  /** Hears of what is left out of lists, since it is invalid. */
  onInvalid?: OnInvalid
}

/** The truth about deployments: their records, the events that led to them, and the applications. */
export interface Records extends AsyncDisposable {
  /** Records a deployment as queued. @throws {VesemirError} `IDEMPOTENCY_KEY_REUSED` */
  createDeployment(order: DeploymentOrder): Promise<Created>
  readDeployment(id: string): Promise<Deployment | undefined>
  readView(id: string): Promise<DeploymentView | undefined>
  /** The same as JSON in UTF-8, for those who only pass it on. */
  readViewJson(id: string): Promise<Buffer | undefined>
  readHost(id: string, host: string): Promise<HostRecord | undefined>
  listDeployments(filter: DeploymentFilter): Promise<DeploymentPage>
  /** All deployments, the oldest first. */
  walkOldestFirst(): AsyncGenerator<Deployment>
  /** Removes an ended deployment, unless something has happened to it since it was read. Gives whether it was removed. */
  removeDeployment(view: Pick<DeploymentView, 'deployment' | 'cursor'>): Promise<boolean>
  /** Tells why there is no deployment of this id: `DEPLOYMENT_REMOVED` when there was one, else `DEPLOYMENT_UNKNOWN`. */
  missingDeployment(id: string): Promise<VesemirError>
  /** The ids of deployments that have not ended. */
  listActive(): Promise<string[]>
  /** @throws {VesemirError} `DEPLOYMENT_UNKNOWN`, `DEPLOYMENT_REMOVED`, `COMMAND_REFUSED`, `DEPLOYMENT_SUPERSEDED`, `HOST_UNKNOWN` */
  giveCommand(id: string, given: { command: Command; by: string }): Promise<CommandAccepted>
  /** Tells in words, here and in the record, what a queued deployment has to wait for; undefined when it has its turn. */
  awaitTurn(id: string): Promise<string | undefined>
  /** The deployment whose turn it is in an application's environment. */
  nextInTurn(place: Place): Promise<string | undefined>
  /** Holds off all deployments that have not begun. */
  putLock(lock: Omit<ApplicationLock, 'at'>): Promise<ApplicationLock>
  readLock(place: Place): Promise<ApplicationLock | undefined>
  listLocks(): Promise<ApplicationLock[]>
  deleteLock(place: Place): Promise<void>
  /** The middle of what an application's hosts took lately, in milliseconds. */
  typicalDurationMs(place: Place): Promise<number | undefined>
  /** @throws {VesemirError} `DEPLOYMENT_UNKNOWN`, `DEPLOYMENT_REMOVED`, `REQUEST_INVALID` for an `after` that is yet to come */
  readEvents(id: string, page: { after: number; limit: number }): Promise<EventPage>
  /** The next events, output apart, of which people outside are not told yet; at most 1000, and none when all are. */
  readUntold(id: string): Promise<DeploymentEvent[]>
  /** Notes that people outside are told of everything up to an event. */
  markTold(id: string, seq: number): Promise<void>
  /** Gives pages of events as they happen, to the deployment's end. Throws as `readEvents`. */
  follow: Follow
  /** Tells whether this run of the deployment's job is one that had begun before; undefined when there is none. */
  beginRun(id: string, run: number): Promise<Begun | undefined>
  /** The same for a host's job, with the host. */
  beginHostRun(id: string, host: string, run: number): Promise<{ begun: Begun; host: HostRecord } | undefined>
  claimDeployment(id: string, worker: string): Promise<DeploymentClaim>
  claimHost(id: string, host: string, worker: string): Promise<HostClaim>
  putApplication(definition: ApplicationDefinition): Promise<void>
  getApplication(name: string): Promise<ApplicationDefinition | undefined>
  listApplications(): Promise<ApplicationDefinition[]>
  /** A new plan's id. */
  nextPlanId(): Promise<string>
  /** Keeps a plan for 24 hours. Gives the moment until which it is kept. */
  keepPlan(plan: StoredPlan): Promise<string>
  readPlan(id: string): Promise<StoredPlan | undefined>
  /** What was last put in place on each host of an application. */
  listHosts(application: string, environment?: string): Promise<ApplicationHost[]>
  /** The deployments by which an application's hosts run what they run, and those whose releases they should run. */
  listInUse(application: string): Promise<string[]>
}

/**
 * Keeps the record in Redis. Besides `redis`, which stays the caller's to close, it opens a connection to hear of news and one
 * to hear of commands and of hosts that have ended, each when it is first needed.
 */
export function createRecords(
  redis: Redis,
  { clock, prefix = 'vesemir', newsRestMs = 25, logEntries = 20_000, onInvalid = () => {} }: RecordsOptions,
): Records {
  const announcements = createAnnouncements(redis, { restMs: newsRestMs })
  const urgent = createAnnouncements(redis)
  const store: Store = {
    redis,
    scripts: createScripts(redis),
    keys: createKeys(prefix),
    clock,
    announcements,
    urgent,
    logEntries,
    onInvalid,
  }
  return {
    createDeployment: (order) => createDeployment(store, order),
    readDeployment: (id) => readDeployment(store, id),
    readView: (id) => readView(store, id),
    readViewJson: (id) => readViewJson(store, id),
    readHost: (id, host) => readHost(store, { id, host }),
    listDeployments: (filter) => listDeployments(store, filter),
    walkOldestFirst: () => walkOldestFirst(store),
    removeDeployment: (view) => removeDeployment(store, view),
    missingDeployment: (id) => missingDeployment(store, id),
    listActive: async () => readEach(await redis.smembers(store.keys.active), { read: readId, onInvalid }),
    giveCommand: (id, given) => giveCommand(store, { id, ...given }),
    awaitTurn: (id) => awaitTurn(store, id),
    nextInTurn: (place) => nextInTurn(store, place),
    putLock: (lock) => putLock(store, lock),
    readLock: (place) => readLock(store, place),
    listLocks: () => listLocks(store),
    deleteLock: (place) => deleteLock(store, place),
    typicalDurationMs: (place) => typicalDurationMs(store, place),
    readEvents: (id, page) => readEvents(store, { id, ...page }),
    readUntold: (id) => readUntold(store, id),
    markTold: (id, seq) => markTold(store, { id, seq }),
    follow: createLiveReader(store),
    beginRun: (id, run) => beginRun(store, { id, run }),
    beginHostRun: (id, host, run) => beginHostRun(store, { id, host, run }),
    claimDeployment: (id, worker) => claimDeployment(store, { id, worker }),
    claimHost: (id, host, worker) => claimHost(store, { id, host, worker }),
    putApplication: (definition) => putApplication(store, definition),
    getApplication: createApplicationReader(store),
    listApplications: () => listApplications(store),
    nextPlanId: () => nextPlanId(store),
    keepPlan: (plan) => keepPlan(store, plan),
    readPlan: (id) => readPlan(store, id),
    listInUse: (application) => listInUse(store, application),
    listHosts: (application, environment) => listHosts(store, { application, environment }),
    async [Symbol.asyncDispose]() {
      await announcements[Symbol.asyncDispose]()
      await urgent[Symbol.asyncDispose]()
    },
  }
}

function readId(id: string): string {
  return readValue(DeploymentId, id, 'the list of active deployments')
}
