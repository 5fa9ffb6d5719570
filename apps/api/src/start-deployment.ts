import { createHash } from 'node:crypto'
import type { DeploymentAccepted, DeploymentSpec } from '@vesemir/contract'
import { VesemirError, type ApplicationLocks, type DeploymentOrder, type Deployments } from '@vesemir/core'
import type { Tracing } from '@vesemir/process/tracing'
import type { Queues } from '@vesemir/store/queue'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { json, noteForAudit } from './audit.ts'
import { enqueue, enqueueNew } from './enqueue.ts'
import { traceparentOf } from './request-id.ts'

/** What starting a deployment needs. */
export interface StartPorts {
  applicationLocks: ApplicationLocks
  deployments: Deployments
  queues: Pick<Queues, 'enqueueDeployment' | 'enqueueNew'>
  tracing?: Tracing | undefined
}

type Order = Pick<DeploymentOrder, 'spec' | 'expectedPlan'> & { wait: boolean }

/** The request that asks for it; the same `body` under the same key is the same request. */
interface Asked {
  body: object
  headers: { 'idempotency-key'?: string | undefined }
  request: FastifyRequest
  reply: FastifyReply
}

/**
 * Records a deployment and gives it to the workers, once for an idempotency key.
 * @throws {VesemirError} `DEPLOYMENTS_LOCKED`, `DEPLOYMENT_RUNS`, `IDEMPOTENCY_KEY_REUSED`
 */
export async function startDeployment(
  { spec, wait, expectedPlan }: Order,
  { body, headers, request, reply }: Asked,
  ports: StartPorts,
): Promise<DeploymentAccepted> {
  const { applicationLocks, deployments, tracing } = ports
  if (!wait) await refuseIfLocked(spec, applicationLocks)
  const key = headers['idempotency-key']
  const idempotency = key === undefined ? undefined : { key, fingerprint: fingerprintOf(body) }
  const { id, log, caller } = request
  const create = async () => {
    const traceparent = tracing?.traceparent() ?? traceparentOf(request)
    const asked = { requestedBy: caller.name, request: id, traceparent }
    const created = await deployments.create({ spec, ...asked, expectedPlan, wait, idempotency })
    if (created.created) await enqueueNew(created.deployment, { ...ports, log })
    else await enqueue(created.id, { ...ports, log })
    return created
  }
  const created = await (tracing?.part('enqueue deployment', { kind: 'producer' }, create) ?? create())
  const { application, environment, version, reason, override, planId, team, cluster } = spec
  const subject = { application, environment, team, cluster, deployment: created.id }
  noteForAudit(request, { subject, after: json({ version, reason, override, planId }) })
  const accepted = accept(created.id)
  reply.header('location', accepted.links.self)
  return accepted
}

/** @throws {VesemirError} `DEPLOYMENTS_LOCKED` for whoever does not want to wait for the lock to be taken off */
async function refuseIfLocked(spec: DeploymentSpec, applicationLocks: ApplicationLocks): Promise<void> {
  const lock = spec.override ? undefined : await applicationLocks.read(spec)
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
