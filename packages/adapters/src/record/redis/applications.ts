import type { ApplicationDefinition } from '@vesemir/contract'
import { parse, type Store } from './store.ts'

/** Registers an application, or replaces what was registered under its name. */
export async function putApplication({ redis, keys }: Store, definition: ApplicationDefinition): Promise<void> {
  await redis.hset(keys.applications, definition.name, JSON.stringify(definition))
}

export async function getApplication({ redis, keys }: Store, name: string): Promise<ApplicationDefinition | undefined> {
  const json = await redis.hget(keys.applications, name)
  return json ? parse<ApplicationDefinition>(json) : undefined
}

/** Lists the registered applications by name. */
export async function listApplications({ redis, keys }: Store): Promise<ApplicationDefinition[]> {
  const all = await redis.hvals(keys.applications)
  return all.map((json) => parse<ApplicationDefinition>(json)).sort((a, b) => (a.name < b.name ? -1 : 1))
}
