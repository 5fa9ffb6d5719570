import { ApplicationDefinition } from '@vesemir/contract'
import type { Applications } from '@vesemir/core'
import { readEach, readJson } from '../../redis/read-json.ts'
import type { Store } from './store.ts'

/** Keeps the registered applications in one hash. */
export function createApplications({ redis, keys, onInvalid }: Store): Applications {
  // A definition that has not changed is the same object again, so that what follows from it can be kept.
  const lastRead = new Map<string, { json: string; definition: ApplicationDefinition }>()
  return {
    async put(definition) {
      await redis.hset(keys.applications, definition.name, JSON.stringify(definition))
    },
    async read(name) {
      const json = await redis.hget(keys.applications, name)
      if (json === null) return undefined
      const last = lastRead.get(name)
      if (last?.json === json) return last.definition
      const definition = parse(json, name)
      lastRead.set(name, { json, definition })
      return definition
    },
    async list() {
      const all = await redis.hgetall(keys.applications)
      return readEach(Object.keys(all).toSorted(), { read: (name) => parse(all[name]!, name), onInvalid })
    },
  }
}

function parse(json: string, name: string): ApplicationDefinition {
  return readJson(ApplicationDefinition, json, `application ${name}`)
}
