import { createHash } from 'node:crypto'
import type { DeploymentAccepted, DeploymentSpec } from '@vesemir/contract'
import {
  VesemirError,
  type ApplicationLocks,
  type Created,
  type DeploymentOrder,
  type Deployments,
} from '@vesemir/core'
import type { Tracing } from '@vesemir/process/tracing'
import type { Queues } from '@vesemir/store/queue'
import type { FastifyBaseLogger, FastifyReply, FastifyRequest } from 'fastify'
import { json, noteForAudit } from './audit.ts'
import { enqueue, enqueueNew } from './enqueue.ts'
import { traceparentOf } from './request-id.ts'

/** What ordering a deployment needs. */
export interface OrderPorts {
  deployments: Deployments
  queues: Pick<Queues, 'enqueueDeployment' | 'enqueueNew'>
  tracing?: Tracing | undefined
  log: Pick<FastifyBaseLogger, 'warn'>
}

/** What starting a deployment needs. */
export interface StartPorts extends Omit<OrderPorts, 'log'> {
  applicationLocks: ApplicationLocks
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
  if (!wait) await refuseIfLocked(spec, ports.applicationLocks)
  const key = headers['idempotency-key']
  const idempotency = key === undefined ? undefined : { key, fingerprint: fingerprintOf(body) }
  const { id, log, caller } = request
  const asked = { requestedBy: caller.name, request: id, traceparent: traceparentOf(request) }
  const created = await orderDeployment({ spec, expectedPlan, wait, idempotency, ...asked }, { ...ports, log })
  const { application, environment, version, reason, override, planId, team, cluster } = spec
  const subject = { application, environment, team, cluster, deployment: created.id }
  noteForAudit(request, { subject, after: json({ version, reason, override, planId }) })
  const accepted = accept(created.id)
  reply.header('location', accepted.links.self)
  return accepted
}

/**
 * Records a deployment and gives it to the workers.
 * @throws {VesemirError} `DEPLOYMENT_RUNS`, `IDEMPOTENCY_KEY_REUSED`
 */
export async function orderDeployment(order: DeploymentOrder, ports: OrderPorts): Promise<Created> {
  const { deployments, tracing } = ports
  const create = async () => {
    const created = await deployments.create({ ...order, traceparent: tracing?.traceparent() ?? order.traceparent })
    if (created.created) await enqueueNew(created.deployment, ports)
    else await enqueue(created.id, ports)
    return created
  }
  return tracing?.part('enqueue deployment', { kind: 'producer' }, create) ?? create()
}

/** @throws {VesemirError} `DEPLOYMENTS_LOCKED` for whoever does not want to wait for the lock to be taken off */
export async function refuseIfLocked(
  spec: DeploymentSpec,
  applicationLocks: Pick<ApplicationLocks, 'read'>,
): Promise<void> {
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
