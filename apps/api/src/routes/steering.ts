import type { ApplicationLock, Protection, Session } from '@vesemir/contract'
import {
  actionOfCommand,
  findGrant,
  refuseOwnApproval,
  type ApplicationLocks,
  type Applications,
  type Commands,
  type Deployments,
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
}

/** Adds what people tell deployments to do, and the locks that hold them off. */
export function registerSteering(app: FastifyInstance, ports: SteeringPorts): void {
  const { applications, applicationLocks, commands, deployments, turns, protections } = ports
  const askForLock = async (place: { application: string; environment: string }, { name }: Session) => {
    const lock = await applicationLocks.read(place)
    return [await askAtPlace(applications, { action: lock && lock.by !== name ? 'unlock' : 'lock', place })]
  }
  registerRoute(app, 'commandDeployment', {
    access: ({ params: { id }, body }, caller) =>
      askForDeployment(deployments, { action: actionOfCommand(body), id, caller }),
    async handle({ params: { id }, body, request }) {
      const deployment = await deployments.read(id)
      if (deployment) refuseOwnApproval(body, { by: request.caller.name, deployment, protections })
      const accepted = await commands.give(id, { command: body, by: request.caller.name })
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
    handle: ({ params, body, request }) => applicationLocks.put({ ...params, ...body, by: request.caller.name }),
  })
  registerRoute(app, 'deleteLock', {
    access: ({ params }, caller) => askForLock(params, caller),
    async handle({ params, request }) {
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
