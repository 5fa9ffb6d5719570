import { VesemirError, type VerifiedDeployment } from '@vesemir/core'
import { isUnreliable } from '../../redis/read-json.ts'
import { linkTo } from '../../seal/seal.ts'
import { sealContexts, type Identity } from './seal-contexts.ts'
import { openView } from './read-deployment.ts'
import { readEntry } from './read-events.ts'
import type { Entry } from './scripts.ts'
import type { Store } from './store.ts'

const pageSize = 1000

/**
 * Checks that the events which workers wrote of a deployment are all there, each linked to the one before it of the same host, or of
 * the deployment itself, up to those that the records name as their last.
 * @throws {VesemirError} `ORDER_NOT_SIGNED`, `ORDER_FORGED`
 */
export async function verifyEvents(store: Store, id: string): Promise<void> {
  // Before the events: those that come meanwhile are none that the records name.
  const view = await openView(store, id)
  if (!view) return
  const { row, hosts } = view
  const heads = [['', row.head], ...hosts.map(({ host, head }) => [host.target.name, head])] as [string, string][]
  const links = await readLinks(store, row.deployment)
  for (const [scope, head] of heads) if (head !== '' && !links.has(head)) throw missing(row.deployment, scope)
}

/** Checks the newest deployments of an application, as `Deployments.verifyNewest`. */
export async function verifyNewest(
  store: Store,
  { application, count }: { application: string; count: number },
): Promise<VerifiedDeployment[]> {
  const ids = await store.redis.zrevrange(store.keys.index('application', application), 0, count - 1)
  const verify = async (id: string): Promise<VerifiedDeployment> => {
    try {
      await verifyEvents(store, id)
      return { id }
    } catch (problem) {
      if (!isUnreliable(problem)) throw problem
      return { id, problem }
    }
  }
  return Promise.all(ids.map(verify))
}

/** Returns the links of all events, by which the next would follow. */
async function readLinks(store: Store, deployment: Identity): Promise<Set<string>> {
  const links = new Set<string>()
  const last = new Map<string, string>()
  for (let after = '-'; ;) {
    const entries = (await store.redis.xrange(
      store.keys.events(deployment.id),
      after,
      '+',
      'COUNT',
      pageSize,
    )) as Entry[]
    for (const entry of entries) {
      const scope = scopeOf(entry, deployment)
      if (scope === undefined) continue
      const [, [, sealed = '']] = entry
      const { link } = store.seals.record.open(sealContexts.event(deployment, scope), sealed)
      if (link !== (last.get(scope) ?? '')) throw missing(deployment, scope)
      last.set(scope, linkTo(sealed))
      links.add(linkTo(sealed))
    }
    if (entries.length < pageSize) return links
    after = `(${entries.at(-1)![0]}`
  }
}

/** What is written without a claim is linked to nothing; people's own words are checked where they are acted on. */
const unlinked = ['deployment.queued', 'deployment.commanded', 'deployment.waiting', 'deployment.superseded']

function scopeOf(entry: Entry, { id }: Identity): string | undefined {
  const event = readEntry(id)(entry)
  if (unlinked.includes(event.type)) return undefined
  return 'host' in event ? event.host : ''
}

function missing({ id }: Identity, scope: string): VesemirError {
  return new VesemirError('ORDER_FORGED', `events of ${scope || 'the deployment'} are missing from the record of ${id}`)
}
