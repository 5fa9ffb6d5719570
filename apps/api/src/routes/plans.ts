import type { Session } from '@vesemir/contract'
import {
  refuseChangedSettings,
  refuseDeployment,
  resolveSpec,
  visibleApplication,
  warnOfRules,
  VesemirError,
  type Applications,
  type Clock,
  type DeploymentIndex,
  type Plans,
} from '@vesemir/core'
import type { Queues } from '@vesemir/store/queue'
import type { FastifyInstance } from 'fastify'
import type { CurrentRules } from '../access-settings.ts'
import { askForRequest } from '../access.ts'
import type { CallerSlots } from '../caller-slots.ts'
import { clientGone } from '../client-gone.ts'
import { refuseProtected, warnOfProtected } from '../refuse-protected.ts'
import { registerRoute } from '../register-route.ts'
import { startDeployment, type StartPorts } from '../start-deployment.ts'

interface PlanPorts extends StartPorts {
  applications: Applications
  plans: Plans
  deploymentIndex: Pick<DeploymentIndex, 'list'>
  queues: StartPorts['queues'] & Pick<Queues, 'ask'>
  clusters: readonly string[]
  rules: CurrentRules
  clock: Pick<Clock, 'now'>
  slots: CallerSlots
}

/** Adds plans: what a deployment would do, as a worker of its cluster finds out now, and the deployment of just that. */
export function registerPlans(app: FastifyInstance, ports: PlanPorts): void {
  const { applications, plans, deploymentIndex, queues, clusters, slots, rules, clock } = ports
  const readVisible = async (name: string, { grants }: Session) => {
    const definition = await applications.read(name)
    return definition && visibleApplication(definition, grants)
  }
  const readPlan = async (id: string) => {
    const stored = await plans.read(id)
    if (stored) return stored
    throw unknownPlan(id)
  }
  registerRoute(app, 'createPlan', {
    access: ({ body }) => askForRequest(applications, { action: 'plan', request: { ...body, override: false } }),
    async handle({ body, request: { caller }, reply }) {
      const application = await readVisible(body.application, caller)
      const id = await plans.nextId()
      const spec = { ...resolveSpec(body, { application, clusters }), planId: id }
      const signal = clientGone(reply)
      using _slot = await slots.take(caller.name, signal)
      const preview = await queues.ask(spec.cluster, 'plan', { asked: { spec }, signal })
      const { protections } = rules
      const warnings = [
        ...preview.plan.warnings,
        ...(await warnOfProtected(body, { application, spec, protections, deploymentIndex })),
        ...warnOfRules(spec, rules, clock.now()),
      ]
      const plan = { ...preview.plan, warnings: [...new Set(warnings)] }
      return { id, ...preview, plan, expiresAt: await plans.keep({ id, request: body, spec, plan }) }
    },
  })
  registerRoute(app, 'deployPlan', {
    async access({ params: { plan: id }, body }) {
      const { request } = await readPlan(id)
      const { override = request.override, acceptLowCapacity = request.acceptLowCapacity ?? false } = body
      const order = { ...request, override, acceptLowCapacity }
      const asked = await askForRequest(applications, { action: 'deploy', request: order })
      return asked.map((one) => ({ ...one, unseen: () => unknownPlan(id) }))
    },
    async handle({ params: { plan: id }, body, ...checked }) {
      const stored = await readPlan(id)
      const { request, plan } = stored
      const application = await readVisible(request.application, checked.request.caller)
      const now = { ...resolveSpec(request, { application, clusters }), planId: id }
      refuseChangedSettings(id, { before: stored.spec, now })
      const { reason = now.reason, wait = request.wait } = body
      const { override = now.override, acceptLowCapacity = now.acceptLowCapacity } = body
      const order = { ...request, acceptLowCapacity }
      const { protections } = rules
      await refuseProtected(order, { application, spec: now, protections, deploymentIndex })
      const spec = { ...now, override, acceptLowCapacity, ...(reason === undefined ? {} : { reason }) }
      refuseDeployment({ spec, requestedBy: checked.request.caller.name }, rules, clock.now())
      return startDeployment({ spec, wait, expectedPlan: plan }, { ...checked, body: { id, ...body } }, ports)
    },
  })
}

function unknownPlan(id: string): VesemirError {
  return new VesemirError('PLAN_UNKNOWN', `plan ${id} not found or expired`)
}
