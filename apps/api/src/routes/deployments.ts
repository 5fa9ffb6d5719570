import { resolveSpec, type Applications, type DeploymentIndex } from '@vesemir/core'
import type { FastifyInstance } from 'fastify'
import { registerRoute } from '../register-route.ts'
import { startDeployment, type StartPorts } from '../start-deployment.ts'

interface DeploymentPorts extends StartPorts {
  applications: Applications
  deploymentIndex: DeploymentIndex
  clusters: readonly string[]
}

/** Adds the routes that start deployments and read them. */
export function registerDeployments(app: FastifyInstance, ports: DeploymentPorts): void {
  const { applications, deploymentIndex, deployments, clusters } = ports
  registerRoute(app, 'createDeployment', {
    role: 'deployer',
    async handle({ body, ...checked }) {
      const application = await applications.read(body.application)
      const spec = resolveSpec(body, { application, clusters })
      return startDeployment({ spec, wait: body.wait }, { ...checked, body }, ports)
    },
  })
  registerRoute(app, 'listDeployments', {
    role: 'viewer',
    handle: ({ query }) => deploymentIndex.list(query),
  })
  registerRoute(app, 'getDeployment', {
    role: 'viewer',
    async handle({ params: { id }, reply }) {
      const json = await deployments.readViewJson(id)
      if (json) return reply.type('application/json; charset=utf-8').send(json)
      throw await deployments.explainMissing(id)
    },
  })
}
