import type { Queues } from '@vesemir/store/queue'
import type { Records } from '@vesemir/store/record'
import type { FastifyInstance } from 'fastify'
import { requireRole } from '../auth.ts'
import { enqueue } from '../enqueue.ts'
import { registerRoute } from '../register-route.ts'

interface SteeringPorts {
  records: Pick<Records, 'deleteFreeze' | 'giveCommand' | 'listFreezes' | 'nextInTurn' | 'putFreeze' | 'readDeployment'>
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
  registerRoute(app, 'listFreezes', {
    role: 'viewer',
    handle: async () => ({ freezes: await records.listFreezes() }),
  })
  registerRoute(app, 'putFreeze', {
    role: 'deployer',
    handle: ({ params, body, request }) => records.putFreeze({ ...params, ...body, by: request.caller.name }),
  })
  registerRoute(app, 'deleteFreeze', {
    role: 'deployer',
    async handle({ params, request }) {
      await records.deleteFreeze(params)
      const waiting = await records.nextInTurn(params)
      if (waiting !== undefined) await enqueue(waiting, { ...ports, log: request.log })
      return { freezes: await records.listFreezes() }
    },
  })
}
