import type { Deployment } from '@vesemir/contract'
import { numberOf } from '../deployment-number.ts'
import { endedStatuses, listedFields, type EndedStatus, type ListedField } from '../keys.ts'
import type { Store } from '../store.ts'
import type { BitSet } from './bit-set.ts'
import { setBits } from './set-bits.ts'
import { noteTerms, type Terms } from './terms.ts'

type Writer = Pick<Store, 'redis' | 'scripts' | 'keys'>

/** What a deployment is found by. */
export interface Listed {
  requestedBy: string
  spec: Pick<Deployment['spec'], 'application' | 'environment' | 'team' | 'cluster'> & Partial<Terms>
}

/** Notes what deployments can be found by; nothing where a record does not say. */
export async function addToListing(
  writer: Writer,
  deployments: readonly { id: string; listed: Listed | undefined }[],
): Promise<void> {
  const { redis, keys } = writer
  const values = deployments.flatMap(({ id, listed }) =>
    (listed ? valuesOf(listed) : []).map(([field, value]) => ({ field, value, number: numberOf(id) })),
  )
  const numbers = Map.groupBy(values, ({ field, value }) => keys.listing.bits(field, value))
  const known = Map.groupBy(values, ({ field }) => keys.listing.names(field))
  await Promise.all([
    ...[...numbers].map(([key, found]) =>
      setBits(
        writer,
        key,
        found.map(({ number }) => number),
      ),
    ),
    ...[...known].map(([key, found]) => redis.sadd(key, ...new Set(found.map(({ value }) => value)))),
    noteTerms(writer, deployments.map(termsOf)),
  ])
  // Last: without these bits, a deployment is one that any filter may let pass.
  const all = deployments.map(({ id }) => numberOf(id))
  await Promise.all([keys.listing.noted('terms'), keys.listing.listed].map((key) => setBits(writer, key, all)))
}

function termsOf({ id, listed }: { id: string; listed: Listed | undefined }) {
  const { version, reason } = listed?.spec ?? {}
  return { id, terms: version === undefined ? undefined : { version, reason } }
}

/** The numbers that are listed, those left out whose deployment was removed: the version before notes that too. */
export function listedNow({ keys }: Pick<Store, 'keys'>): BitSet {
  return { in: { key: keys.listing.listed }, notIn: { anyOf: keys.shards.map(({ removed }) => ({ key: removed })) } }
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
export async function letLag(listing: Promise<unknown>): Promise<void> {
  await listing.catch(() => {})
}

function valuesOf({ spec, requestedBy }: Listed): [ListedField, string][] {
  const { application, environment, team, cluster } = spec
  const values = { application, environment, team, cluster, by: requestedBy }
  return listedFields.map((field) => [field, values[field]])
}
