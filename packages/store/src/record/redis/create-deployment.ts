import type { Deployment, DeploymentEvent } from '@vesemir/contract'
import { newDeployment, VesemirError, type Created, type DeploymentOrder } from '@vesemir/core'
import { randomUUID } from 'node:crypto'
import { inBatches } from '../../redis/in-batches.ts'
import { readJson } from '../../redis/read-json.ts'
import { idOf } from './deployment-number.ts'
import { fields, indexedFields } from './keys.ts'
import { addToListing, letLag } from './listing/listing.ts'
import { writeOrder } from './order.ts'
import { Kept } from './schemas.ts'
import { timestamp, type Store } from './store.ts'

const keptSeconds = 24 * 3600

/**
 * Makes what records a deployment as queued. Numbers count up. Its number is part of what is signed, so it is guessed, as the next
 * after the last that was seen here: another process may have taken it, and then a number is reserved. In a Redis Cluster it always is,
 * since its counter may be in another slot.
 */
export function createDeploymentCreator(store: Store): (order: DeploymentOrder) => Promise<Created> {
  let last = 0
  const addAll = inBatches(async (created: readonly Deployment[]) => {
    const found = created.map((listed) => ({ id: listed.id, listed }))
    await addToListing(store, found)
    return found
  })
  // Nobody waits for it: until then, it is one that any filter may let pass.
  const list = (created: Created) => {
    if (created.created) void letLag(addAll(created.deployment))
    return created
  }
  return async (order) => {
    const started = { ...order, at: timestamp(store.clock), idempotency: order.idempotency ?? noRepetition() }
    if (store.redis.isCluster)
      return list((await findRepeated(store, order)) ?? (await createReserved(store, started, () => {})))
    const guess = (last += 1)
    const first = await create(store, { ...started, number: guess, isReserved: false })
    if (first[0] !== 'taken') return list(outcomeOf(first, { ...started, number: guess }))
    last = Number(first[1])
    return list(await createReserved(store, started, (number) => (last = Math.max(last, number))))
  }
}

/** Numbers that are tried where the counter was set back, as by a backup: each that is not free stays taken. */
const mostTries = 1000

async function createReserved(
  store: Store,
  started: Omit<Started, 'number'>,
  note: (number: number) => void,
): Promise<Created> {
  for (let tries = 0; tries < mostTries; tries += 1) {
    const number = await reserveNumber(store, started.spec)
    note(number)
    const outcome = await create(store, { ...started, number, isReserved: true })
    if (outcome[0] !== 'taken') return outcomeOf(outcome, { ...started, number })
  }
  throw new VesemirError('RECORD_INVALID', `the counter of deployments in Redis was set back by more than ${mostTries}`)
}

/** Returns the next number whose remainder is the application's shard: the next one of all where there is one shard. */
async function reserveNumber({ scripts, keys }: Store, { application }: DeploymentOrder['spec']): Promise<number> {
  return scripts.reserveNumber([keys.lastNumber], [keys.shardOfApplication(application), keys.shards.length])
}

/** Finds the deployment of a key that was used for an application of another shard: of its own, the script knows. */
async function findRepeated(
  { redis, keys }: Store,
  { requestedBy, idempotency, spec }: DeploymentOrder,
): Promise<Created | undefined> {
  if (!idempotency) return undefined
  const own = keys.ofApplication(spec.application)
  const others = keys.shards.filter((shard) => shard !== own)
  const found = await Promise.all(others.map((shard) => redis.get(shard.idempotency(requestedBy, idempotency.key))))
  const kept = found.find((json) => json !== null)
  return kept ? repeated(kept, idempotency) : undefined
}

type Started = DeploymentOrder & {
  at: string
  number: number
  idempotency: NonNullable<DeploymentOrder['idempotency']>
}

type Queued = Omit<Extract<DeploymentEvent, { type: 'deployment.queued' }>, 'seq'>

type Outcome = [outcome: 'created' | 'known' | 'held', what: string] | [outcome: 'taken', last: string]

/** With a key in every case, a command that ioredis sends again after a lost connection cannot make two deployments. */
function noRepetition(): Started['idempotency'] {
  return { key: randomUUID(), fingerprint: '' }
}

function create(store: Store, started: Started & { isReserved: boolean }): Promise<Outcome> {
  const { keys, scripts } = store
  const {
    spec,
    requestedBy,
    request,
    traceparent,
    expectedPlan,
    at,
    wait = true,
    number,
    isReserved,
    idempotency,
  } = started
  const id = idOf(number)
  const event = { type: 'deployment.queued', id, spec, requestedBy, request, traceparent, at } satisfies Queued
  const kept: Kept = { id, fingerprint: idempotency.fingerprint }
  const shard = keys.ofApplication(spec.application)
  return scripts.createDeployment(
    [
      shard.idempotency(requestedBy, idempotency.key),
      shard.lastNumber,
      shard.active,
      keys.turns(spec),
      keys.record(id),
      keys.events(id),
      shard.deployments,
      ...indexedFields.map((field) => shard.index(field, spec[field])),
    ],
    [
      id,
      number,
      isReserved ? '1' : '',
      JSON.stringify(kept),
      keptSeconds,
      JSON.stringify(event),
      wait ? '' : '1',
      keys.changes,
      fields.order,
      writeOrder(store.seals, { id, spec, requestedBy, request, traceparent, at, expectedPlan }),
      fields.status,
      'queued',
    ],
  )
}

/** @throws {VesemirError} `IDEMPOTENCY_KEY_REUSED`, `DEPLOYMENT_RUNS` where it is not to wait */
function outcomeOf([outcome, what]: Exclude<Outcome, { 0: 'taken' }>, started: Started): Created {
  const { spec, requestedBy, request, traceparent, at, idempotency } = started
  switch (outcome) {
    case 'created': {
      const fact = { type: 'deployment.queued' as const, id: what, spec, requestedBy, request, traceparent }
      return { id: what, created: true, deployment: newDeployment(fact, at) }
    }
    case 'known':
      return repeated(what, idempotency)
    case 'held': {
      const message = `${what} is already deploying ${spec.application} to ${spec.environment}`
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
