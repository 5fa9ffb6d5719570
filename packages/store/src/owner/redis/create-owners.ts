import type { Deployments, Owner, Owners, Resource } from '@vesemir/core'
import { taggedPrefix, type RedisClient } from '../../redis/redis-client.ts'
import { z } from 'zod'
import { readJson } from '../../redis/read-json.ts'
import { createOwnerScripts } from './scripts.ts'

export interface OwnersOptions {
  /** What every key starts with; `vesemir`. */
  prefix?: string
  /** By which the host of an owner is known to be still walked, or not. */
  deployments: Pick<Deployments, 'readHost'>
}

const MinHealthy = z.union([z.number(), z.string()])

const Kept = z.object({
  id: z.string(),
  name: z.string(),
  walk: z.object({ deploymentId: z.string(), host: z.string(), attempt: z.int() }).optional(),
  minHealthy: MinHealthy.optional(),
  minHealthyIn: z.record(z.string(), MinHealthy).optional(),
})

/**
 * Keeps owners in Redis, in a hash for each scope. A walk outlives its worker, so what it owns does not run out: it is stale
 * when the record says that the host is no longer walked, and is then taken over by whoever wants it.
 */
export function createOwners(
  redis: RedisClient,
  { prefix: ownPrefix = 'vesemir', deployments }: OwnersOptions,
): Owners {
  // A walk takes resources of several scopes, all or none.
  const prefix = taggedPrefix(redis, { prefix: ownPrefix, tag: 'owners' })
  const scripts = createOwnerScripts(redis)
  const keyOf = (scope: string) => `${prefix}:owners:${scope}`
  const keysOf = (resources: readonly Resource[]) => resources.map(({ scope }) => keyOf(scope))

  async function isStale({ walk }: Owner): Promise<boolean> {
    if (!walk) return false
    const host = await deployments.readHost(walk.deploymentId, walk.host)
    return host?.state.status !== 'running'
  }

  return {
    async take(resources, { lifetimeMs = 0, ...owner }) {
      const names = resources.map(({ name }) => name)
      for (;;) {
        const others = await scripts.take(keysOf(resources), [owner.id, JSON.stringify(owner), lifetimeMs, ...names])
        for (const json of new Set(others)) {
          const other = parse(json)
          if (!(await isStale(other))) return other
          await scripts.evict(keysOf(resources), [json, ...names])
        }
        if (others.length === 0) return undefined
      }
    },
    async free(resources, ownerId) {
      await scripts.free(keysOf(resources), [ownerId, ...resources.map(({ name }) => name)])
    },
    async find(resources) {
      if (resources.length === 0) return []
      const found = await scripts.find(
        keysOf(resources),
        resources.map(({ name }) => name),
      )
      return Promise.all(
        found.map(async (json) => {
          const owner = json === '' ? undefined : parse(json)
          return owner && (await isStale(owner)) ? undefined : owner
        }),
      )
    },
    async listOthers(scopes, deploymentId) {
      const values = await Promise.all(scopes.map((scope) => redis.hvals(keyOf(scope))))
      return Promise.all(values.map((own) => othersAmong(own.map(fromValue), { deploymentId, isStale })))
    },
  }
}

/** One owner of each other deployment, since all of a deployment want the same; stale ones are left out. */
async function othersAmong(
  owners: readonly Owner[],
  { deploymentId, isStale }: { deploymentId: string; isStale: (owner: Owner) => Promise<boolean> },
): Promise<Owner[]> {
  const byDeployment = Map.groupBy(owners, ({ walk }) => walk?.deploymentId)
  byDeployment.delete(deploymentId)
  byDeployment.delete(undefined)
  const others: Owner[] = []
  for (const candidates of byDeployment.values())
    for (const owner of candidates)
      if (!(await isStale(owner))) {
        others.push(owner)
        break
      }
  return others
}

function fromValue(value: string): Owner {
  return parse(value.slice(value.indexOf(' ') + 1))
}

function parse(json: string): Owner {
  return readJson(Kept, json, 'the owner of a machine or server')
}
