import { ApplicationDefinition, Principal } from '@vesemir/contract'
import { schedulesOf, VesemirError, type Applications } from '@vesemir/core'
import { readEach, readJson } from '../../redis/read-json.ts'
import { createRegister, digestOf, type Register } from '../../register/register.ts'
import { sealContexts } from './seal-contexts.ts'
import { announceChange, type Store } from './store.ts'

/** A definition as it is kept: with who registered it where it has a schedule. */
const Registered = ApplicationDefinition.extend({ registeredBy: Principal.optional() })

interface RegisteredApplication {
  definition: ApplicationDefinition
  by: Principal | undefined
}

/**
 * Keeps the registered applications in one hash, each as the API signed it, and a list of which definition holds: deployments are made
 * of them.
 */
export function createApplications(store: Store): Applications {
  const { redis, keys, seals, onInvalid } = store
  const register = createApplicationsRegister(store)
  const open = createOpener(store)
  const listRegistered = async () => {
    const { registered, problems } = await examine(store, { register, open })
    problems.forEach(onInvalid)
    return registered
  }
  return {
    async put(definition, by) {
      const { name } = definition
      // A version before reads no definition with a field that it does not know: it must lack nothing where there is no schedule.
      const kept = by && schedulesOf(definition).length > 0 ? { ...definition, registeredBy: by } : definition
      const sealed = seals.kept.put(sealContexts.application(name), JSON.stringify(kept))
      await register.put(name, { digest: digestOf(sealed) }, ['HSET', keys.applications, name, sealed])
      await announceChange(store)
    },
    async read(name) {
      // Again where something does not fit: it may have been replaced while it was read.
      for (let isLast = false; ; isLast = true) {
        const [sealed, digest] = await Promise.all([redis.hget(keys.applications, name), register.find(name)])
        if (sealed === null && digest === undefined) return undefined
        try {
          return open(name, { sealed, digest }).definition
        } catch (error) {
          if (isLast) throw error
        }
      }
    },
    async list() {
      return (await listRegistered()).map(({ definition }) => definition)
    },
    async listSchedules() {
      const registered = await listRegistered()
      return registered.flatMap(({ definition, by }) =>
        schedulesOf(definition).map((schedule) => ({ ...schedule, by })),
      )
    },
    findProblems: async () => (await examine(store, { register, open })).problems,
  }
}

function createApplicationsRegister({ redis, keys, seals, clock }: Store): Register {
  const seal = {
    put: (text: string) => seals.kept.put(sealContexts.applications, text),
    open: (sealed: string) => seals.kept.open(sealContexts.applications, sealed).text,
  }
  return createRegister(redis, { key: keys.applicationsList, seal, clock })
}

type Opener = (name: string, found: { sealed: string | null; digest: string | undefined }) => RegisteredApplication

/** Makes what opens a definition. One that has not changed is the same object again, so that what follows from it can be kept. */
function createOpener({ seals }: Store): Opener {
  const lastRead = new Map<string, { sealed: string; application: RegisteredApplication }>()
  return (name, { sealed, digest }) => {
    if (sealed === null) throw notRegistered(name, 'was removed from')
    const last = lastRead.get(name)
    const place = sealContexts.application(name)
    const isKnown = last?.sealed === sealed
    const application = isKnown ? last.application : read(seals.kept.open(place, sealed).text, place)
    if (digest !== digestOf(sealed)) throw notRegistered(name, 'was replaced in')
    lastRead.set(name, { sealed, application })
    return application
  }
}

function read(json: string, place: string): RegisteredApplication {
  const { registeredBy: by, ...definition } = readJson(Registered, json, place)
  return { definition, by }
}

interface Examined {
  registered: RegisteredApplication[]
  problems: VesemirError[]
}

/** Reads all, and again where something does not fit, as `read`. */
async function examine(
  { redis, keys }: Store,
  { register, open }: { register: Register; open: Opener },
): Promise<Examined> {
  for (let isLast = false; ; isLast = true) {
    const [all, digests] = await Promise.all([redis.hgetall(keys.applications), register.list()])
    const names = [...new Set([...Object.keys(all), ...digests.keys()])].toSorted()
    const problems: VesemirError[] = []
    const registered = readEach(names, {
      read: (name) => open(name, { sealed: all[name] ?? null, digest: digests.get(name) }),
      onInvalid: (problem) => problems.push(problem),
    })
    if (isLast || problems.length === 0) return { registered, problems }
  }
}

function notRegistered(name: string, how: string): VesemirError {
  return new VesemirError('ORDER_FORGED', `application ${name} ${how} Redis after it was registered`)
}
