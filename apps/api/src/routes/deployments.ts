import type { Records } from '@vesemir/store/record'
import { resolveSpec } from '@vesemir/core'
import type { FastifyInstance } from 'fastify'
import { registerRoute } from '../register-route.ts'
import { startDeployment, type StartPorts } from '../start-deployment.ts'

interface DeploymentPorts extends StartPorts {
  records: StartPorts['records'] &
    Pick<Records, 'getApplication' | 'listDeployments' | 'missingDeployment' | 'readViewJson'>
  clusters: readonly string[]
}

/** Adds the routes that start deployments and read them. */
export function registerDeployments(app: FastifyInstance, ports: DeploymentPorts): void {
  const { records, clusters } = ports
  registerRoute(app, 'createDeployment', {
    role: 'deployer',
    async handle({ body, ...checked }) {
      const application = await records.getApplication(body.application)
      const spec = resolveSpec(body, { application, clusters })
      return startDeployment({ spec, wait: body.wait }, { ...checked, body }, ports)
    },
  })
  registerRoute(app, 'listDeployments', {
    role: 'viewer',
    handle: ({ query }) => records.listDeployments(query),
  })
  registerRoute(app, 'getDeployment', {
    role: 'viewer',
    async handle({ params: { id }, reply }) {
      const json = await records.readViewJson(id)
      if (json) return reply.type('application/json; charset=utf-8').send(json)
      throw await records.missingDeployment(id)
    },
  })
}
