import { WorkerDrain, WorkerReport, type WorkerDrainRequest } from '@vesemir/contract'
import type { Clock, KnownWorker } from '@vesemir/core'
import type { RedisClient } from '../redis/redis-client.ts'
import { readEach, readJson, type OnInvalid } from '../redis/read-json.ts'

/** Which workers there are, by what each reports of itself, and which of them people have drained. */
export interface Presence {
  /** Keeps what a worker reports, and returns by whom it is drained. */
  report(report: Omit<WorkerReport, 'seenAt'>): Promise<WorkerDrain | undefined>
  /** Forgets a worker that stops, and its drain. */
  leave(name: string): Promise<void>
  /** Lists the workers by name: those that report themselves, and those whose reports ended unexpectedly in the last day. */
  list(): Promise<KnownWorker[]>
  drain(name: string, drain: WorkerDrainRequest & { by: string }): Promise<WorkerDrain>
  resume(name: string): Promise<void>
}

/** How long a worker is listed whose reports ended unexpectedly. */
const keptMs = 24 * 3_600_000

/** Keeps reports and drains in one hash each, by the worker's name. `redis` stays the caller's to close. */
export function createPresence(
  redis: RedisClient,
  {
    clock,
    prefix = 'vesemir',
    onInvalid = () => {},
  }: { clock: Pick<Clock, 'now'>; prefix?: string; onInvalid?: OnInvalid },
): Presence {
  const keys = { reports: `${prefix}:workers`, drains: `${prefix}:workers:drained` }
  const timestamp = () => new Date(clock.now()).toISOString()
  const forget = async (...names: string[]) => {
    await Promise.all([redis.hdel(keys.reports, ...names), redis.hdel(keys.drains, ...names)])
  }
  return {
    async report(report) {
      const kept: WorkerReport = { ...report, seenAt: timestamp() }
      const [, drain] = await Promise.all([
        redis.hset(keys.reports, report.name, JSON.stringify(kept)),
        redis.hget(keys.drains, report.name),
      ])
      return drain === null ? undefined : readDrain(report.name, drain)
    },
    leave: (name) => forget(name),
    async list() {
      const [reports, drains] = await Promise.all([redis.hgetall(keys.reports), redis.hgetall(keys.drains)])
      const read = (name: string): KnownWorker => ({
        report: readJson(WorkerReport, reports[name]!, `the report of worker ${name}`),
        drain: drains[name] === undefined ? undefined : readDrain(name, drains[name]),
      })
      const known = readEach(Object.keys(reports).toSorted(), { read, onInvalid })
      const isGone = ({ report }: KnownWorker) => clock.now() - Date.parse(report.seenAt) > keptMs
      const gone = known.filter(isGone).map(({ report }) => report.name)
      if (gone.length > 0) await forget(...gone)
      return known.filter((worker) => !isGone(worker))
    },
    async drain(name, request) {
      const drain: WorkerDrain = { ...request, at: timestamp() }
      await redis.hset(keys.drains, name, JSON.stringify(drain))
      return drain
    },
    async resume(name) {
      await redis.hdel(keys.drains, name)
    },
  }
}

function readDrain(name: string, json: string): WorkerDrain {
  return readJson(WorkerDrain, json, `the drain of worker ${name}`)
}
