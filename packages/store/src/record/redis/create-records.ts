import type {
  Applications,
  Claims,
  Clock,
  Commands,
  ConvergeRounds,
  DeploymentIndex,
  ApplicationLocks,
  Changes,
  Deployments,
  EventLog,
  HostHistory,
  KnownApplications,
  NoticeProgress,
  Plans,
  Statistics,
  Turns,
} from '@vesemir/core'
import type { RedisClient } from '../../redis/redis-client.ts'
import { createEpoch, type Epoch, type EpochOptions } from '../../epoch/create-epoch.ts'
import { createAnnouncements } from '../../redis/announcements.ts'
import type { OnInvalid } from '../../redis/read-json.ts'
import type { Seals } from '../../seal/seals.ts'
import { createApplications } from './applications.ts'
import { createClaims } from './claims.ts'
import { createConvergeRounds } from './converge-rounds.ts'
import { createDeploymentIndex } from './deployment-index.ts'
import { createApplicationLocks } from './application-locks.ts'
import { createDeployments } from './deployments.ts'
import { giveCommand } from './give-command.ts'
import { createHostHistory } from './host-history.ts'
import { createKeys } from './keys.ts'
import { createKnownApplications } from './known-applications.ts'
import { createLiveReader } from './live-reader.ts'
import { createNoticeProgress } from './notice-progress.ts'
import { createPlans } from './plans.ts'
import { readEvents } from './read-events.ts'
import { createScripts } from './scripts.ts'
import { createStatistics } from './statistics.ts'
import type { Store } from './store.ts'
import { awaitTurn, nextInTurn } from './turns.ts'
import { writeRecordLines } from './write-record-lines.ts'

export interface RecordsOptions {
  clock: Clock
  seals: Seals
  /** What every key starts with; `vesemir`. */
  prefix?: string
  /** News that follow each other within this time are told as one, which is what a follower then waits at most; 25 ms. */
  newsRestMs?: number
  /** About how many log entries (batches of up to 512 lines and 16 KiB) are kept for each deployment; 20,000. */
  logEntries?: number
  /** Hears of what is left out of lists, since it is invalid. */
  onInvalid?: OnInvalid
  /** By what the start of a task is written again, where replicas must have it; without it, one write is enough. */
  writes?: Store['writes']
  /** Hears that Redis was found without writes that it had acknowledged, and which epoch begins. */
  onLoss?: EpochOptions['onLoss']
}

/** Whoever waits for any change reads much again: changes that follow each other within this time are told as one. */
const changesRestMs = 500

/** All that is kept of a deployment, as lines of JSON with the seals of what is signed. */
export interface RecordLines {
  read(id: string): AsyncIterable<string>
}

/** The truth about deployments and applications, in its parts: whoever needs one takes that alone. */
export interface Records extends AsyncDisposable {
  applications: Applications
  claims: Claims
  commands: Commands
  convergeRounds: ConvergeRounds
  deploymentIndex: DeploymentIndex
  applicationLocks: ApplicationLocks
  changes: Changes
  deployments: Deployments
  epoch: Omit<Epoch, typeof Symbol.dispose>
  eventLog: EventLog
  hostHistory: HostHistory
  knownApplications: KnownApplications
  noticeProgress: NoticeProgress
  plans: Plans
  recordLines: RecordLines
  statistics: Statistics
  turns: Turns
}

/**
 * Keeps the record in Redis. Besides `redis`, which stays the caller's to close, it opens a connection to hear of news, one to
 * hear of commands and of hosts that have ended, and one to hear that anything has changed, each when it is first needed.
 */
export function createRecords(
  redis: RedisClient,
  {
    clock,
    seals,
    prefix = 'vesemir',
    newsRestMs = 25,
    logEntries = 20_000,
    onInvalid = () => {},
    onLoss = () => {},
    writes,
  }: RecordsOptions,
): Records {
  const announcements = createAnnouncements(redis, { restMs: newsRestMs })
  const urgent = createAnnouncements(redis)
  const changes = createAnnouncements(redis, { restMs: changesRestMs })
  const store: Store = {
    redis,
    scripts: createScripts(redis),
    writes,
    keys: createKeys(redis, prefix),
    clock,
    seals,
    announcements,
    urgent,
    logEntries,
    onInvalid,
  }
  const { keys } = store
  const applications = createApplications(store)
  const epoch = createEpoch(redis, { keys, onLoss })
  return {
    applications,
    claims: createClaims(store),
    commands: { give: (id, given) => giveCommand(store, { id, ...given }) },
    convergeRounds: createConvergeRounds(store),
    deploymentIndex: createDeploymentIndex(store),
    applicationLocks: createApplicationLocks(store),
    changes: { listen: () => changes.listen(store.keys.changes) },
    deployments: createDeployments(store, epoch),
    epoch,
    eventLog: { read: (id, page) => readEvents(store, { id, ...page }), follow: createLiveReader(store) },
    hostHistory: createHostHistory(store),
    knownApplications: createKnownApplications(store, applications),
    noticeProgress: createNoticeProgress(store),
    plans: createPlans(store),
    recordLines: { read: (id) => writeRecordLines(store, id) },
    statistics: createStatistics(store),
    turns: { check: (id, isHeldBy) => awaitTurn(store, id, isHeldBy), next: (place) => nextInTurn(store, place) },
    async [Symbol.asyncDispose]() {
      epoch[Symbol.dispose]()
      await announcements[Symbol.asyncDispose]()
      await urgent[Symbol.asyncDispose]()
      await changes[Symbol.asyncDispose]()
    },
  }
}
