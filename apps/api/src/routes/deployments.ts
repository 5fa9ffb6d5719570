import { createHash } from 'node:crypto'
import type { Queues } from '@vesemir/adapters/queue'
import type { Records } from '@vesemir/adapters/record'
import type { DeploymentAccepted } from '@vesemir/contract'
import { resolveSpec, VesemirError } from '@vesemir/core'
import type { FastifyBaseLogger, FastifyInstance } from 'fastify'
import { registerRoute } from '../register-route.ts'

interface DeploymentPorts {
  records: Pick<Records, 'createDeployment' | 'getApplication' | 'listDeployments' | 'readDeployment' | 'readView'>
  queues: Pick<Queues, 'enqueueDeployment'>
  clusters: readonly string[]
}

/** Adds the routes that start deployments and read them. */
export function registerDeployments(app: FastifyInstance, ports: DeploymentPorts): void {
  const { records, clusters } = ports
  registerRoute(app, 'createDeployment', {
    role: 'deployer',
    async handle({ body, headers, request, reply }) {
      const application = await records.getApplication(body.application)
      const spec = resolveSpec(body, { application, clusters })
      const key = headers['idempotency-key']
      const idempotency = key === undefined ? undefined : { key, fingerprint: fingerprintOf(body) }
      const { id } = await records.createDeployment({ spec, requestedBy: request.caller.name, idempotency })
      await enqueue(id, { ...ports, log: request.log })
      const accepted = accept(id)
      reply.header('location', accepted.links.self)
      return accepted
    },
  })
  registerRoute(app, 'listDeployments', {
    role: 'viewer',
    handle: ({ query }) => records.listDeployments(query),
  })
  registerRoute(app, 'getDeployment', {
    role: 'viewer',
    async handle({ params: { id } }) {
      const view = await records.readView(id)
      if (view) return view
      throw new VesemirError('DEPLOYMENT_UNKNOWN', `there is no deployment ${id}`)
    },
  })
}

/**
 * Gives a recorded deployment to the workers. It is accepted with its record: where this fails, the workers' sweep finds
 * it. A repeated request finds a deployment that has long been taken up.
 */
async function enqueue(
  id: string,
  { records, queues, log }: Pick<DeploymentPorts, 'records' | 'queues'> & { log: FastifyBaseLogger },
): Promise<void> {
  try {
    const deployment = await records.readDeployment(id)
    if (deployment?.state.status === 'queued') await queues.enqueueDeployment(deployment)
  } catch (err) {
    log.warn({ err, deploymentId: id }, 'deployment not enqueued: left to the sweep')
  }
}

/** Two requests are the same when they say the same, in whatever order. */
function fingerprintOf(body: object): string {
  return createHash('sha256').update(JSON.stringify(body)).digest('hex')
}

function accept(id: string): DeploymentAccepted {
  const self = `/v1/deployments/${id}`
  return { id, links: { self, events: `${self}/events` } }
}
