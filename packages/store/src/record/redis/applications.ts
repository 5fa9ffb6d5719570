import { ApplicationDefinition } from '@vesemir/contract'
import { readEach, readJson } from '../../redis/read-json.ts'
import type { Store } from './store.ts'

/** Registers an application, or replaces what was registered under its name. */
export async function putApplication({ redis, keys }: Store, definition: ApplicationDefinition): Promise<void> {
  await redis.hset(keys.applications, definition.name, JSON.stringify(definition))
}

/** Reads definitions; one that has not changed is the same object again, so that what follows from it can be kept. */
export function createApplicationReader({ redis, keys }: Store) {
  const lastRead = new Map<string, { json: string; definition: ApplicationDefinition }>()
  return async (name: string): Promise<ApplicationDefinition | undefined> => {
    const json = await redis.hget(keys.applications, name)
    if (json === null) return undefined
    const last = lastRead.get(name)
    if (last?.json === json) return last.definition
    const definition = parse(json, name)
    lastRead.set(name, { json, definition })
    return definition
  }
}

/** Lists the registered applications by name. */
export async function listApplications({ redis, keys, onInvalid }: Store): Promise<ApplicationDefinition[]> {
  const all = await redis.hgetall(keys.applications)
  return readEach(Object.keys(all).toSorted(), { read: (name) => parse(all[name]!, name), onInvalid })
}

function parse(json: string, name: string): ApplicationDefinition {
  return readJson(ApplicationDefinition, json, `application ${name}`)
}
