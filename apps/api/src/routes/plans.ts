import { refuseChangedSettings, resolveSpec, VesemirError, type Applications, type Plans } from '@vesemir/core'
import type { Queues } from '@vesemir/store/queue'
import type { FastifyInstance } from 'fastify'
import type { CallerSlots } from '../caller-slots.ts'
import { clientGone } from '../client-gone.ts'
import { registerRoute } from '../register-route.ts'
import { startDeployment, type StartPorts } from '../start-deployment.ts'

interface PlanPorts extends StartPorts {
  applications: Applications
  plans: Plans
  queues: StartPorts['queues'] & Pick<Queues, 'ask'>
  clusters: readonly string[]
  slots: CallerSlots
}

/** Adds plans: what a deployment would do, as a worker of its cluster finds out now, and the deployment of just that. */
export function registerPlans(app: FastifyInstance, ports: PlanPorts): void {
  const { applications, plans, queues, clusters, slots } = ports
  registerRoute(app, 'createPlan', {
    role: 'viewer',
    async handle({ body, request, reply }) {
      const application = await applications.read(body.application)
      const id = await plans.nextId()
      const spec = { ...resolveSpec(body, { application, clusters }), planId: id }
      const signal = clientGone(reply)
      using _slot = await slots.take(request.caller!.name, signal)
      const preview = await queues.ask(spec.cluster, 'plan', { asked: { spec }, signal })
      return { id, ...preview, expiresAt: await plans.keep({ id, request: body, spec, plan: preview.plan }) }
    },
  })
  registerRoute(app, 'deployPlan', {
    role: 'deployer',
    async handle({ params: { plan: id }, body, ...checked }) {
      const stored = await plans.read(id)
      if (!stored) throw new VesemirError('PLAN_UNKNOWN', `there is no plan ${id}, or no longer`)
      const { request, plan } = stored
      const application = await applications.read(request.application)
      const now = { ...resolveSpec(request, { application, clusters }), planId: id }
      refuseChangedSettings(id, { before: stored.spec, now })
      const { reason = now.reason, wait = request.wait } = body
      const { override = now.override, acceptLowCapacity = now.acceptLowCapacity } = body
      const spec = { ...now, override, acceptLowCapacity, ...(reason === undefined ? {} : { reason }) }
      return startDeployment({ spec, wait, expectedPlan: plan }, { ...checked, body: { id, ...body } }, ports)
    },
  })
}
