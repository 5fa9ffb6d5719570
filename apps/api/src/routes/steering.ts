import type { ApplicationLock, Protection, Session } from '@vesemir/contract'
import {
  actionOfCommand,
  findGrant,
  rolesAt,
  refuseCommand,
  refuseUnlock,
  type ApplicationLocks,
  type Applications,
  type Clock,
  type Commands,
  type Deployments,
  type Place,
  type Turns,
} from '@vesemir/core'
import type { Queues } from '@vesemir/store/queue'
import type { FastifyInstance } from 'fastify'
import { askAtPlace, askForDeployment } from '../access.ts'
import { enqueue } from '../enqueue.ts'
import { registerRoute } from '../register-route.ts'

interface SteeringPorts {
  applications: Applications
  commands: Commands
  applicationLocks: ApplicationLocks
  deployments: Deployments
  turns: Turns
  queues: Pick<Queues, 'enqueueDeployment'>
  protections: readonly Protection[]
  clock: Pick<Clock, 'now'>
}

/** Adds what people tell deployments to do, and the locks that hold them off. */
export function registerSteering(app: FastifyInstance, ports: SteeringPorts): void {
  const { applications, applicationLocks, commands, deployments, turns, protections, clock } = ports
  const askForLock = async (place: Place, { name }: Session) => {
    const lock = await applicationLocks.read(place)
    return [await askAtPlace(applications, { action: lock && lock.by !== name ? 'unlock' : 'lock', place })]
  }
  /** Placing a lock where one is lifts that. */
  const refuseToLift = async (place: Place, { name: by, grants }: Session) => {
    const lock = await applicationLocks.read(place)
    if (!lock) return
    const { subject } = await askAtPlace(applications, { action: 'unlock', place })
    refuseUnlock(lock, { by, roles: rolesAt(grants, subject), cluster: subject.cluster, protections })
  }
  registerRoute(app, 'commandDeployment', {
    access: ({ params: { id }, body }, caller) =>
      askForDeployment(deployments, { action: actionOfCommand(body), id, caller }),
    async handle({ params: { id }, body, request }) {
      const deployment = await deployments.read(id)
      const given = { command: body, by: request.caller.name }
      if (deployment) refuseCommand(given, { deployment, rules: { protections }, nowMs: clock.now() })
      const accepted = await commands.give(id, given)
      // One that had ended and is to be retried or rolled back has no job any more.
      await enqueue(id, { ...ports, log: request.log })
      return accepted
    },
  })
  registerRoute(app, 'listLocks', {
    access: 'signed-in',
    handle: async ({ request: { caller } }) => ({ locks: await visibleLocks(ports, caller) }),
  })
  registerRoute(app, 'putLock', {
    access: ({ params }, caller) => askForLock(params, caller),
    async handle({ params, body, request: { caller } }) {
      await refuseToLift(params, caller)
      return applicationLocks.put({ ...params, ...body, by: caller.name })
    },
  })
  registerRoute(app, 'deleteLock', {
    access: ({ params }, caller) => askForLock(params, caller),
    async handle({ params, request }) {
      await refuseToLift(params, request.caller)
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
  const asked = await Promise.all(locks.map((place) => askAtPlace(applications, { action: 'read', place })))
  return locks.filter((_, index) => findGrant(grants, 'read', asked[index]!.subject))
}
