import { DeploymentRequest, type ApplicationDefinition, type ApplicationHostList } from '@vesemir/contract'
import {
  findGrant,
  isVesemirError,
  subjectOf,
  resolveSpec,
  toFailure,
  visibleApplication,
  unknownApplication,
  VesemirError,
  type Applications,
  type HostHistory,
} from '@vesemir/core'
import type { Queues } from '@vesemir/store/queue'
import type { FastifyInstance } from 'fastify'
import type { CallerSlots } from '../caller-slots.ts'
import { clientGone } from '../client-gone.ts'
import { registerRoute } from '../register-route.ts'

interface HostsPorts {
  applications: Applications
  hostHistory: HostHistory
  queues: Pick<Queues, 'ask'>
  clusters: readonly string[]
  slots: CallerSlots
}

/** Adds the routes of an application's hosts: what runs where, what should, and which of them there still are. */
export function registerHosts(app: FastifyInstance, ports: HostsPorts): void {
  const { applications, hostHistory, slots } = ports
  registerRoute(app, 'listHosts', {
    access: 'signed-in',
    isOfRecord: ({ inventory }) => !inventory,
    async handle({ params: { name }, query: { environment, inventory }, request: { caller }, reply }) {
      const definition = await applications.read(name)
      if (!definition || !visibleApplication(definition, caller.grants)) throw unknownApplication(name)
      const isVisible = (place: { environment: string }) =>
        findGrant(caller.grants, 'read', subjectOf({ application: name, environment: place.environment }, definition))
      if (!inventory) return { hosts: (await hostHistory.list(name, { environment })).filter(isVisible), failures: [] }
      const signal = clientGone(reply)
      using _slot = await slots.take(caller.name, signal)
      const places = environment === undefined ? await listPlaces(definition, hostHistory) : [{ environment }]
      const found = await askInventories(places.filter(isVisible), { definition, ports, signal })
      const hosts = await hostHistory.list(name, { environment, inventory: found.inventory })
      return { hosts: hosts.filter(isVisible), failures: found.failures }
    },
  })
  registerRoute(app, 'forgetHost', {
    async access({ params: { name, environment } }) {
      const subject = subjectOf({ application: name, environment }, await applications.read(name))
      return [{ action: 'deploy', subject, unseen: () => unknownApplication(name) }]
    },
    async handle({ params: { name, environment, host }, request: { caller }, reply }) {
      const definition = await applications.read(name)
      if (!definition) throw unknownApplication(name)
      const signal = clientGone(reply)
      using _slot = await slots.take(caller.name, signal)
      const inInventory = await findHosts({ environment }, { definition, ports, signal })
      if (inInventory.has(host))
        throw new VesemirError('HOST_IN_INVENTORY', `${host} is in the inventory of ${environment}`)
      if (await hostHistory.forget({ application: name, environment }, host)) return undefined
      throw new VesemirError('HOST_UNKNOWN', `${host} is not known to have run ${name} in ${environment}`)
    },
  })
}

interface Asking {
  definition: ApplicationDefinition
  ports: HostsPorts
  signal: AbortSignal
}

interface Found {
  inventory: Map<string, Set<string>>
  failures: ApplicationHostList['failures']
}

/** Asks the inventory of each environment. One that does not answer hides nothing of the others. */
async function askInventories(places: readonly { environment: string }[], asking: Asking): Promise<Found> {
  const found: Found = { inventory: new Map(), failures: [] }
  const ask = async ({ environment }: { environment: string }) => {
    try {
      found.inventory.set(environment, await findHosts({ environment }, asking))
    } catch (error) {
      if (!isVesemirError(error)) throw error
      found.failures.push({ environment, failure: toFailure(error) })
    }
  }
  await Promise.all(places.map(ask))
  return found
}

/** @throws {VesemirError} as `resolveSpec` and `Queues.ask` */
async function findHosts(
  { environment }: { environment: string },
  { definition, ports: { clusters, queues }, signal }: Asking,
): Promise<Set<string>> {
  const request = DeploymentRequest.parse({ application: definition.name, environment, version: '0' })
  const spec = resolveSpec(request, { application: definition, clusters })
  const { hosts } = await queues.ask(spec.cluster, 'hosts', { asked: { spec }, signal })
  return new Set(hosts)
}

/** Lists the environments of the definition, and those that something was deployed to. */
async function listPlaces({ name, environments = {} }: ApplicationDefinition, hostHistory: HostHistory) {
  const known = (await hostHistory.list(name)).map(({ environment }) => environment)
  return [...new Set([...Object.keys(environments), ...known])].map((environment) => ({ environment }))
}
