import type { Queues } from '@vesemir/store/queue'
import type { Records } from '@vesemir/store/record'
import { resolveSpec } from '@vesemir/core'
import type { FastifyInstance } from 'fastify'
import { clientGone } from '../client-gone.ts'
import { registerRoute } from '../register-route.ts'

interface PlanPorts {
  records: Pick<Records, 'getApplication'>
  queues: Pick<Queues, 'ask'>
  clusters: readonly string[]
}

/** Adds plans: what a deployment would do, as a worker of its cluster finds out now. */
export function registerPlans(app: FastifyInstance, { records, queues, clusters }: PlanPorts): void {
  registerRoute(app, 'createPlan', {
    role: 'viewer',
    async handle({ body, reply }) {
      const application = await records.getApplication(body.application)
      const spec = resolveSpec(body, { application, clusters })
      return queues.ask(spec.cluster, 'plan', { asked: { spec }, signal: clientGone(reply) })
    },
  })
}
