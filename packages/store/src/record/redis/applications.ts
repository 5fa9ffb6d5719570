import { ApplicationDefinition } from '@vesemir/contract'
import { VesemirError, type Applications } from '@vesemir/core'
import { readEach, readJson } from '../../redis/read-json.ts'
import { createRegister, markOf } from '../../register/register.ts'
import { sealContexts } from './seal-contexts.ts'
import { announceChange, type Store } from './store.ts'

/** Keeps the registered applications in one hash, each as the API signed it: deployments are made of them. */
export function createApplications(store: Store): Applications {
  const { redis, keys, seals, clock, onInvalid } = store
  // A definition that has not changed is the same object again, so that what follows from it can be kept.
  const lastRead = new Map<string, { sealed: string; definition: ApplicationDefinition }>()
  const register = createRegister(redis, {
    key: keys.applicationsList,
    clock,
    seal: {
      put: (text) => seals.kept.put(sealContexts.applications, text),
      open: (sealed) => seals.kept.open(sealContexts.applications, sealed).text,
    },
  })
  const open = (sealed: string | undefined, { name, mark }: { name: string; mark: string | undefined }) => {
    if (sealed === undefined) throw notRegistered(name, 'was removed from')
    const last = lastRead.get(name)
    const place = sealContexts.application(name)
    const isKnown = last?.sealed === sealed
    const definition = isKnown
      ? last.definition
      : readJson(ApplicationDefinition, seals.kept.open(place, sealed).text, place)
    if (mark !== markOf(sealed)) throw notRegistered(name, 'was replaced in')
    lastRead.set(name, { sealed, definition })
    return definition
  }
  /** Reads what there is again where something does not fit: it may have been replaced while it was read. */
  const examine = async (): Promise<Examined> => {
    for (let isLast = false; ; isLast = true) {
      const [all, marks] = await Promise.all([redis.hgetall(keys.applications), register.list()])
      const names = [...new Set([...Object.keys(all), ...marks.keys()])].toSorted()
      const problems: Examined['problems'] = []
      const definitions = readEach(names, {
        read: (name) => open(all[name], { name, mark: marks.get(name) }),
        onInvalid: (problem) => problems.push(problem),
      })
      if (isLast || problems.length === 0) return { definitions, problems }
    }
  }
  return {
    async put(definition) {
      const { name } = definition
      const sealed = seals.kept.put(sealContexts.application(name), JSON.stringify(definition))
      await register.put(name, { mark: markOf(sealed) }, ['HSET', keys.applications, name, sealed])
      await announceChange(store)
    },
    async read(name) {
      for (let isLast = false; ; isLast = true) {
        const [sealed, mark] = await Promise.all([redis.hget(keys.applications, name), register.find(name)])
        if (sealed === null && mark === undefined) return undefined
        try {
          return open(sealed ?? undefined, { name, mark })
        } catch (error) {
          if (isLast) throw error
        }
      }
    },
    async list() {
      const { definitions, problems } = await examine()
      problems.forEach(onInvalid)
      return definitions
    },
    findProblems: async () => (await examine()).problems,
  }
}

interface Examined {
  definitions: ApplicationDefinition[]
  problems: VesemirError[]
}

function notRegistered(name: string, how: string): VesemirError {
  return new VesemirError('ORDER_FORGED', `application ${name} ${how} Redis after it was registered`)
}
