import type { Queues } from '@vesemir/store/queue'
import type { Commands, ApplicationLocks, Deployments, Turns } from '@vesemir/core'
import type { FastifyInstance } from 'fastify'
import { requireRole } from '../auth.ts'
import { enqueue } from '../enqueue.ts'
import { registerRoute } from '../register-route.ts'

interface SteeringPorts {
  commands: Commands
  applicationLocks: ApplicationLocks
  deployments: Deployments
  turns: Turns
  queues: Pick<Queues, 'enqueueDeployment'>
}

/** Adds what people tell deployments to do, and the locks that hold them off. */
export function registerSteering(app: FastifyInstance, ports: SteeringPorts): void {
  const { commands, applicationLocks, turns } = ports
  registerRoute(app, 'commandDeployment', {
    role: 'deployer',
    async handle({ params: { id }, body, request }) {
      if ('force' in body && body.force) requireRole(request, 'admin')
      const accepted = await commands.give(id, { command: body, by: request.caller.name })
      // One that had ended and is to be retried or rolled back has no job any more.
      await enqueue(id, { ...ports, log: request.log })
      return accepted
    },
  })
  registerRoute(app, 'listLocks', {
    role: 'viewer',
    handle: async () => ({ locks: await applicationLocks.list() }),
  })
  registerRoute(app, 'putLock', {
    role: 'deployer',
    handle: ({ params, body, request }) => applicationLocks.put({ ...params, ...body, by: request.caller.name }),
  })
  registerRoute(app, 'deleteLock', {
    role: 'deployer',
    async handle({ params, request }) {
      await applicationLocks.delete(params)
      const waiting = await turns.next(params)
      if (waiting !== undefined) await enqueue(waiting, { ...ports, log: request.log })
      return { locks: await applicationLocks.list() }
    },
  })
}
