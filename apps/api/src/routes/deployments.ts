import {
  findGrant,
  refuseDeployment,
  refuseProtectedSettings,
  resolveSpec,
  visibleApplication,
  type Applications,
  type Clock,
  type DeploymentIndex,
} from '@vesemir/core'
import type { Protection } from '@vesemir/contract'
import type { FastifyInstance } from 'fastify'
import { askForDeployment, askForRequest } from '../access.ts'
import { registerRoute } from '../register-route.ts'
import { startDeployment, type StartPorts } from '../start-deployment.ts'

interface DeploymentPorts extends StartPorts {
  applications: Applications
  deploymentIndex: DeploymentIndex
  clusters: readonly string[]
  protections: readonly Protection[]
  clock: Pick<Clock, 'now'>
}

/** Adds the routes that start deployments and read them. */
export function registerDeployments(app: FastifyInstance, ports: DeploymentPorts): void {
  const { applications, deploymentIndex, deployments, clusters, protections, clock } = ports
  registerRoute(app, 'createDeployment', {
    access: ({ body }) => askForRequest(applications, { action: 'deploy', request: body }),
    async handle({ body, ...checked }) {
      const { caller } = checked.request
      const definition = await applications.read(body.application)
      const application = definition && visibleApplication(definition, caller.grants)
      const spec = resolveSpec(body, { application, clusters })
      refuseProtectedSettings(body, { application, cluster: spec.cluster, protections })
      refuseDeployment({ spec, requestedBy: caller.name }, { protections }, clock.now())
      return startDeployment({ spec, wait: body.wait }, { ...checked, body }, ports)
    },
  })
  registerRoute(app, 'listDeployments', {
    access: 'signed-in',
    isOfRecord: () => true,
    handle: ({ query, request: { caller } }) =>
      deploymentIndex.list(query, ({ spec }) => findGrant(caller.grants, 'read', spec) !== undefined),
  })
  registerRoute(app, 'getDeployment', {
    access: ({ params: { id } }, caller) => askForDeployment(deployments, { action: 'read', id, caller }),
    async handle({ params: { id }, reply }) {
      const json = await deployments.readViewJson(id)
      if (json) return reply.type('application/json; charset=utf-8').send(json)
      throw await deployments.explainMissing(id)
    },
  })
}
