import type { DeploymentEvent } from '@vesemir/contract'
import { newDeployment, VesemirError, type Created, type DeploymentOrder } from '@vesemir/core'
import { randomUUID } from 'node:crypto'
import { readJson } from '../../redis/read-json.ts'
import { fields, indexedFields } from './keys.ts'
import { idToCome } from './scripts.ts'
import { Kept } from './schemas.ts'
import { timestamp, writeRow, type Store } from './store.ts'

const keptSeconds = 24 * 3600

/**
 * Records a deployment as queued. Numbers count up.
 * @throws {VesemirError} `IDEMPOTENCY_KEY_REUSED`, `DEPLOYMENT_RUNS` where it is not to wait
 */
export async function createDeployment(
  store: Store,
  { spec, requestedBy, expectedPlan, wait = true, idempotency }: DeploymentOrder,
): Promise<Created> {
  const { keys, scripts, clock } = store
  // With a key in every case, a command that ioredis sends again after a lost connection cannot make two deployments.
  const { key, fingerprint } = idempotency ?? { key: randomUUID(), fingerprint: '' }
  const queued = { type: 'deployment.queued' as const, id: idToCome, spec, requestedBy }
  const at = timestamp(clock)
  const deployment = newDeployment(queued, at)
  const event: Omit<DeploymentEvent, 'seq'> = { ...queued, at }
  const kept: Kept = { id: idToCome, fingerprint }
  const [outcome, what] = await scripts.createDeployment(
    [
      keys.idempotency(requestedBy, key),
      keys.lastNumber,
      keys.active,
      keys.turns(spec),
      keys.record(idToCome),
      keys.events(idToCome),
      keys.deployments,
      ...indexedFields.map((field) => keys.index(field, spec[field])),
    ],
    [
      JSON.stringify(kept),
      keptSeconds,
      JSON.stringify(event),
      wait ? '' : '1',
      ...writeRow(deployment).flat(),
      ...(expectedPlan ? [fields.expectedPlan, JSON.stringify(expectedPlan)] : []),
    ],
  )
  switch (outcome) {
    case 'created':
      return { id: what, created: true, deployment: { ...deployment, id: what } }
    case 'known':
      return repeated(what, { key, fingerprint })
    case 'held': {
      const message = `${spec.application} in ${spec.environment} is being deployed to by ${what}`
      throw new VesemirError('DEPLOYMENT_RUNS', message, { details: { id: what } })
    }
  }
}

function repeated(
  json: string,
  { key, fingerprint }: NonNullable<DeploymentOrder['idempotency']>,
): { id: string; created: false } {
  const kept = readJson(Kept, json, `the Idempotency-Key ${JSON.stringify(key)}`)
  if (kept.fingerprint !== fingerprint) {
    const message = `the Idempotency-Key ${JSON.stringify(key)} was used for another request, deployment ${kept.id}`
    throw new VesemirError('IDEMPOTENCY_KEY_REUSED', message, { details: { id: kept.id } })
  }
  return { id: kept.id, created: false }
}
