import { ApplicationDefinition } from '@vesemir/contract'
import type { Applications } from '@vesemir/core'
import { readEach, readJson } from '../../redis/read-json.ts'
import { sealContexts } from './seal-contexts.ts'
import { announceChange, type Store } from './store.ts'

/** Keeps the registered applications in one hash, each as the API signed it: deployments are made of them. */
export function createApplications(store: Store): Applications {
  const { redis, keys, seals, onInvalid } = store
  // A definition that has not changed is the same object again, so that what follows from it can be kept.
  const lastRead = new Map<string, { sealed: string; definition: ApplicationDefinition }>()
  const open = (sealed: string, name: string): ApplicationDefinition => {
    const place = sealContexts.application(name)
    return readJson(ApplicationDefinition, seals.kept.open(place, sealed).text, place)
  }

  return {
    async put(definition) {
      const { name } = definition
      await redis.hset(
        keys.applications,
        name,
        seals.kept.put(sealContexts.application(name), JSON.stringify(definition)),
      )
      await announceChange(store)
    },
    async read(name) {
      const sealed = await redis.hget(keys.applications, name)
      if (sealed === null) return undefined
      const last = lastRead.get(name)
      if (last?.sealed === sealed) return last.definition
      const definition = open(sealed, name)
      lastRead.set(name, { sealed, definition })
      return definition
    },
    async list() {
      const all = await redis.hgetall(keys.applications)
      return readEach(Object.keys(all).toSorted(), { read: (name) => open(all[name]!, name), onInvalid })
    },
  }
}
