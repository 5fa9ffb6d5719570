import { isEnded, type ApplicationEnvironment, type Turns } from '@vesemir/core'
import { isUnreliable } from '../../redis/read-json.ts'
import { amend } from './amend.ts'
import { readLock } from './application-locks.ts'
import { readDeployment } from './read-deployment.ts'
import type { Store } from './store.ts'

/**
 * Tells what a queued deployment has to wait for, in words, or gives undefined when it is its turn; what it waits for is
 * kept in the record. One that has begun has its turn until it ends.
 */
export async function awaitTurn(
  store: Store,
  id: string,
  isHeldBy: Parameters<Turns['check']>[1],
): Promise<string | undefined> {
  const deployment = await readDeployment(store, id)
  if (deployment?.state.status !== 'queued') return undefined
  const waitingFor = await findObstacle(store, deployment, isHeldBy)
  if (waitingFor === undefined) return undefined
  await amend(store, id, (now, at) => {
    const isTold = now.state.status !== 'queued' || now.state.waitingFor === waitingFor
    if (isTold) return undefined
    return {
      event: { type: 'deployment.waiting', waitingFor, at },
      after: { ...now, state: { status: 'queued', waitingFor } },
    }
  })
  return waitingFor
}

/** The deployment whose turn it is; one that has ended, is gone or cannot be read stands in nobody's way. */
export async function nextInTurn(store: Store, place: ApplicationEnvironment): Promise<string | undefined> {
  const { redis, keys, onInvalid } = store
  for (const id of await redis.lrange(keys.turns(place), 0, -1))
    try {
      const deployment = await readDeployment(store, id)
      if (deployment && !isEnded(deployment)) return id
      await redis.lrem(keys.turns(place), 0, id)
    } catch (error) {
      if (!isUnreliable(error)) throw error
      onInvalid(error)
    }
  return undefined
}

async function findObstacle(
  store: Store,
  { id, spec, commands, plan }: NonNullable<Awaited<ReturnType<typeof readDeployment>>>,
  isHeldBy: Parameters<Turns['check']>[1],
) {
  // Whoever cancels a deployment need not wait for that.
  if (commands.some(({ command }) => command.command === 'cancel')) return undefined
  const first = await nextInTurn(store, spec)
  if (first !== undefined && first !== id) return `deployment ${first}, which is ahead in the queue`
  const lock = spec.override ? undefined : await readLock(store, spec)
  if (lock) return `the lock of ${spec.application} in ${spec.environment}, set by ${lock.by}: ${lock.reason}`
  return plan ? undefined : isHeldBy?.(spec)
}
