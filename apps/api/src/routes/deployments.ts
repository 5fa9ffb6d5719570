import { createHash } from 'node:crypto'
import type { Queues } from '@vesemir/store/queue'
import type { Records } from '@vesemir/store/record'
import type { DeploymentAccepted, DeploymentSpec } from '@vesemir/contract'
import { resolveSpec, VesemirError } from '@vesemir/core'
import type { FastifyInstance } from 'fastify'
import { requireRole } from '../auth.ts'
import { enqueue, enqueueNew } from '../enqueue.ts'
import { registerRoute } from '../register-route.ts'

interface DeploymentPorts {
  records: Pick<
    Records,
    | 'createDeployment'
    | 'getApplication'
    | 'listDeployments'
    | 'missingDeployment'
    | 'readDeployment'
    | 'readLock'
    | 'readViewJson'
  >
  queues: Pick<Queues, 'enqueueDeployment' | 'enqueueNew'>
  clusters: readonly string[]
}

/** Adds the routes that start deployments and read them. */
export function registerDeployments(app: FastifyInstance, ports: DeploymentPorts): void {
  const { records, clusters } = ports
  registerRoute(app, 'createDeployment', {
    role: 'deployer',
    async handle({ body, headers, request, reply }) {
      if (body.override) requireRole(request, 'admin')
      const application = await records.getApplication(body.application)
      const spec = resolveSpec(body, { application, clusters })
      if (!body.wait) await refuseIfLocked(spec, records)
      const key = headers['idempotency-key']
      const idempotency = key === undefined ? undefined : { key, fingerprint: fingerprintOf(body) }
      const created = await records.createDeployment({
        spec,
        requestedBy: request.caller.name,
        wait: body.wait,
        idempotency,
      })
      const { log } = request
      if (created.created) await enqueueNew(created.deployment, { ...ports, log })
      else await enqueue(created.id, { ...ports, log })
      const accepted = accept(created.id)
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
    async handle({ params: { id }, reply }) {
      const json = await records.readViewJson(id)
      if (json) return reply.type('application/json; charset=utf-8').send(json)
      throw await records.missingDeployment(id)
    },
  })
}

/** @throws {VesemirError} `DEPLOYMENTS_LOCKED` for whoever does not want to wait for the lock to be taken off */
async function refuseIfLocked(spec: DeploymentSpec, records: Pick<Records, 'readLock'>): Promise<void> {
  const lock = spec.override ? undefined : await records.readLock(spec)
  if (!lock) return
  const { application, environment, by, reason } = lock
  throw new VesemirError('DEPLOYMENTS_LOCKED', `${by} has locked ${application} in ${environment}: ${reason}`)
}

/** Two requests are the same when they say the same, in whatever order. */
function fingerprintOf(body: object): string {
  return createHash('sha256').update(JSON.stringify(body)).digest('hex')
}

function accept(id: string): DeploymentAccepted {
  const self = `/v1/deployments/${id}`
  return { id, links: { self, events: `${self}/events` } }
}
