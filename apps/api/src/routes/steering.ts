import type { Queues } from '@vesemir/store/queue'
import type { Records } from '@vesemir/store/record'
import type { FastifyInstance } from 'fastify'
import { requireRole } from '../auth.ts'
import { enqueue } from '../enqueue.ts'
import { registerRoute } from '../register-route.ts'

interface SteeringPorts {
  records: Pick<Records, 'deleteLock' | 'giveCommand' | 'listLocks' | 'nextInTurn' | 'putLock' | 'readDeployment'>
  queues: Pick<Queues, 'enqueueDeployment'>
}

/** Adds what people tell deployments to do, and the locks that hold them off. */
export function registerSteering(app: FastifyInstance, ports: SteeringPorts): void {
  const { records } = ports
  registerRoute(app, 'commandDeployment', {
    role: 'deployer',
    async handle({ params: { id }, body, request }) {
      if ('force' in body && body.force) requireRole(request, 'admin')
      const accepted = await records.giveCommand(id, { command: body, by: request.caller.name })
      // One that had ended and is to be retried or rolled back has no job any more.
      await enqueue(id, { ...ports, log: request.log })
      return accepted
    },
  })
  registerRoute(app, 'listLocks', {
    role: 'viewer',
    handle: async () => ({ locks: await records.listLocks() }),
  })
  registerRoute(app, 'putLock', {
    role: 'deployer',
    handle: ({ params, body, request }) => records.putLock({ ...params, ...body, by: request.caller.name }),
  })
  registerRoute(app, 'deleteLock', {
    role: 'deployer',
    async handle({ params, request }) {
      await records.deleteLock(params)
      const waiting = await records.nextInTurn(params)
      if (waiting !== undefined) await enqueue(waiting, { ...ports, log: request.log })
      return { locks: await records.listLocks() }
    },
  })
}
