import { DayStatistics, type Deployment } from '@vesemir/contract'
import {
  countEnd,
  dateOf,
  emptyDay,
  findGrant,
  lastDates,
  reportStatistics,
  type ApplicationEnvironment,
  type PlaceDays,
  type PlaceHistory,
  type Statistics,
} from '@vesemir/core'
import { z } from 'zod'
import { readEach, readJson } from '../../redis/read-json.ts'
import { openView } from './read-deployment.ts'
import type { Store } from './store.ts'

const Place = z.object({ application: z.string(), environment: z.string(), team: z.string(), cluster: z.string() })
const History = z.object({
  failedAt: z.iso.datetime().optional(),
  last: z.object({ id: z.string(), endedAt: z.iso.datetime() }).optional(),
})

/** The longest that a query may ask for; older days are removed. */
const keptDays = 730
const historyField = 'history'

/** Keeps a hash for each application's environment, with a field for each day on which a deployment ended. */
export function createStatistics(store: Store): Statistics {
  return {
    async read({ application, environment, days }, grants) {
      const now = store.clock.now()
      const dates = lastDates(days, now)
      const places = (await readPlaces(store)).filter(
        (place) =>
          (application === undefined || application === place.application) &&
          (environment === undefined || environment === place.environment) &&
          findGrant(grants, 'read', place) !== undefined,
      )
      const read = await Promise.all(places.map((place) => readDays(store, place, dates)))
      return reportStatistics(read, dates, now)
    },
  }
}

/**
 * Counts a deployment that has ended, once for each end. Deployments of a place take turns, so that nobody else writes there meanwhile;
 * an end whose worker dies right then is not counted.
 */
export async function countInStatistics(store: Store, deployment: Deployment): Promise<void> {
  const { redis, keys } = store
  const { application, environment, team, cluster } = deployment.spec
  const { state } = deployment
  if (!('endedAt' in state)) return
  const key = keys.statistics(deployment.spec)
  const date = dateOf(Date.parse(state.endedAt))
  const [[day, history], view] = await Promise.all([
    redis.hmget(key, date, historyField),
    openView(store, deployment.id),
  ])
  const counted = countEnd(day ? readJson(DayStatistics, day, `statistics of ${date}`) : emptyDay, {
    deployment,
    hosts: view?.hosts.map(({ host }) => host) ?? [],
    history: readHistory(history),
  })
  if (!counted) return
  const place = { application, environment, team, cluster } satisfies z.infer<typeof Place>
  await redis.hset(keys.statisticsPlaces, `${application}/${environment}`, JSON.stringify(place))
  await redis.hset(key, { [date]: JSON.stringify(counted.day), [historyField]: JSON.stringify(counted.history) })
  if (!day) await removeOldDays(store, key)
}

function readHistory(json: string | null | undefined): PlaceHistory {
  return json ? readJson(History, json, 'history of statistics') : {}
}

async function removeOldDays({ redis, clock }: Store, key: string): Promise<void> {
  const oldest = lastDates(keptDays, clock.now())[0]!
  const old = (await redis.hkeys(key)).filter((field) => field < oldest && field !== historyField)
  if (old.length > 0) await redis.hdel(key, ...old)
}

async function readPlaces({ redis, keys, onInvalid }: Store): Promise<z.infer<typeof Place>[]> {
  const places = await redis.hgetall(keys.statisticsPlaces)
  const all = Object.keys(places).toSorted()
  return readEach(all, { read: (name) => readJson(Place, places[name]!, `statistics of ${name}`), onInvalid })
}

async function readDays(
  { redis, keys, onInvalid }: Store,
  place: ApplicationEnvironment,
  dates: readonly string[],
): Promise<PlaceDays> {
  const values = await redis.hmget(keys.statistics(place), ...dates)
  const found = dates.flatMap((date, index) => (values[index] ? [{ date, json: values[index] }] : []))
  const read = ({ date, json }: { date: string; json: string }) =>
    [date, readJson(DayStatistics, json, `statistics of ${place.application} on ${date}`)] as const
  return { ...place, days: new Map(readEach(found, { read, onInvalid })) }
}
