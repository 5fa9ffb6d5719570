import type { Deployment, EndedState } from '@vesemir/contract'
import { numberOf } from '../deployment-number.ts'
import type { Store } from '../store.ts'

/** What deployments are found by that never changes. `by` is who requested them. */
export const listedFields = ['application', 'environment', 'team', 'cluster', 'by'] as const
export type ListedField = (typeof listedFields)[number]

/** The states of which each deployment's last is noted, once it has ended. */
export const endedStatuses = [
  'succeeded',
  'failed',
  'cancelled',
  'rolled-back',
] as const satisfies EndedState['status'][]
export type EndedStatus = (typeof endedStatuses)[number]

type Writer = Pick<Store, 'redis' | 'keys'>

/** What a deployment is found by. */
export interface Listed {
  requestedBy: string
  spec: Pick<Deployment['spec'], 'application' | 'environment' | 'team' | 'cluster'>
}

/** Notes what deployments can be found by; nothing where a record does not say. */
export async function addToListing(
  { redis, keys }: Writer,
  deployments: readonly { id: string; listed: Listed | undefined }[],
): Promise<void> {
  const numbersOf = new Map<string, number[]>()
  const namesOf = new Map<ListedField, Set<string>>(listedFields.map((field) => [field, new Set()]))
  for (const { id, listed } of deployments)
    for (const [field, value] of listed ? valuesOf(listed) : []) {
      const key = keys.listing.bits(field, value)
      numbersOf.set(key, [...(numbersOf.get(key) ?? []), numberOf(id)])
      namesOf.get(field)!.add(value)
    }
  await Promise.all([
    ...[...numbersOf].map(([key, numbers]) => setBits(redis, key, numbers)),
    ...[...namesOf].flatMap(([field, names]) =>
      names.size > 0 ? [redis.sadd(keys.listing.names(field), ...names)] : [],
    ),
  ])
  // Last: without this bit, a deployment is one that any filter may let pass.
  await setBits(
    redis,
    keys.listing.listed,
    deployments.map(({ id }) => numberOf(id)),
  )
}

async function setBits(redis: Writer['redis'], key: string, numbers: readonly number[]): Promise<void> {
  if (numbers.length > 0) await redis.call('BITFIELD', key, ...numbers.flatMap((number) => ['SET', 'u1', number, 1]))
}

/** Notes how a deployment has ended. */
export async function noteEnd({ redis, keys }: Writer, id: string, status: EndedStatus): Promise<void> {
  await redis.setbit(keys.listing.bits('status', status), numberOf(id), 1)
}

/** Notes that a deployment has not ended, or is about to be queued again: a bit that stayed would hide how it ends then. */
export async function noteResumption({ redis, keys }: Writer, id: string): Promise<void> {
  const number = numberOf(id)
  await Promise.all(endedStatuses.map((status) => redis.setbit(keys.listing.bits('status', status), number, 0)))
}

/** Forgets a deployment that was removed. Its other bits are those of a number that no deployment has. */
export async function removeFromListing({ redis, keys }: Writer, id: string): Promise<void> {
  await redis.setbit(keys.listing.listed, numberOf(id), 0)
}

/** Has a deployment's change stand though the listing could not be told: `repairListing` finds what is missing. */
export async function letLag(listing: Promise<void>): Promise<void> {
  await listing.catch(() => {})
}

function valuesOf({ spec, requestedBy }: Listed): [ListedField, string][] {
  const { application, environment, team, cluster } = spec
  const values = { application, environment, team, cluster, by: requestedBy }
  return listedFields.map((field) => [field, values[field]])
}
