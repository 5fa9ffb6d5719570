import type { ApplicationLock, Session } from '@vesemir/contract'
import {
  actionOfCommand,
  findGrant,
  rolesAt,
  refuseUnlock,
  type ApplicationLocks,
  type Applications,
  type ApplicationEnvironment,
  type Turns,
} from '@vesemir/core'
import type { FastifyInstance } from 'fastify'
import { askInEnvironment, askForDeployment } from '../access.ts'
import { json, noteForAudit } from '../audit.ts'
import { enqueue } from '../enqueue.ts'
import { giveCommand, type CommandPorts } from '../give-command.ts'
import { registerRoute } from '../register-route.ts'

interface SteeringPorts extends CommandPorts {
  applications: Applications
  applicationLocks: ApplicationLocks
  turns: Turns
}

/** Adds what people tell deployments to do, and the locks that hold them off. */
export function registerSteering(app: FastifyInstance, ports: SteeringPorts): void {
  const { applications, applicationLocks, deployments, turns, rules } = ports
  const askForLock = async (place: ApplicationEnvironment, { name }: Session) => {
    const lock = await applicationLocks.read(place)
    return [await askInEnvironment(applications, { action: lock && lock.by !== name ? 'unlock' : 'lock', place })]
  }
  /** Placing a lock where one is lifts that. */
  const refuseToLift = async (place: ApplicationEnvironment, { name: by, grants }: Session) => {
    const lock = await applicationLocks.read(place)
    if (!lock) return
    const { subject } = await askInEnvironment(applications, { action: 'unlock', place })
    const { protections } = rules
    refuseUnlock(lock, { by, roles: rolesAt(grants, subject), cluster: subject.cluster, protections })
  }
  registerRoute(app, 'commandDeployment', {
    access: ({ params: { id }, body }, caller) =>
      askForDeployment(deployments, { action: actionOfCommand(body), id, caller }),
    handle: ({ params: { id }, body, request }) => giveCommand(request, { id, command: body }, ports),
  })
  registerRoute(app, 'listLocks', {
    access: 'signed-in',
    isOfRecord: () => true,
    handle: async ({ request: { caller } }) => ({ locks: await visibleLocks(ports, caller) }),
  })
  registerRoute(app, 'putLock', {
    access: ({ params }, caller) => askForLock(params, caller),
    async handle({ params, body, request }) {
      const { caller } = request
      await refuseToLift(params, caller)
      noteForAudit(request, { before: json(await applicationLocks.read(params)), after: json(body) })
      return applicationLocks.put({ ...params, ...body, by: caller.name })
    },
  })
  registerRoute(app, 'deleteLock', {
    access: ({ params }, caller) => askForLock(params, caller),
    async handle({ params, request }) {
      await refuseToLift(params, request.caller)
      noteForAudit(request, { before: json(await applicationLocks.read(params)) })
      await applicationLocks.delete(params)
      const waiting = await turns.next(params)
      if (waiting !== undefined) await enqueue(waiting, { ...ports, log: request.log })
      return { locks: await visibleLocks(ports, request.caller) }
    },
  })
}

async function visibleLocks(
  { applications, applicationLocks }: Pick<SteeringPorts, 'applications' | 'applicationLocks'>,
  { grants }: Session,
): Promise<ApplicationLock[]> {
  const locks = await applicationLocks.list()
  if (findGrant(grants, 'read', {})) return locks
  const asked = await Promise.all(locks.map((place) => askInEnvironment(applications, { action: 'read', place })))
  return locks.filter((_, index) => findGrant(grants, 'read', asked[index]!.subject))
}
