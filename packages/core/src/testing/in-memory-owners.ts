import type { Owner, Owners, Resource } from '../ports/owners.ts'
import type { InMemoryRecord } from './in-memory-record.ts'

/** Owners by the records of some deployments. */
export class InMemoryOwners implements Owners {
  readonly records = new Map<string, InMemoryRecord>()
  readonly #owners = new Map<string, Owner>()

  /** How many resources somebody owns who still walks. */
  get held(): number {
    return [...this.#owners.values()].filter((owner) => !this.#isStale(owner)).length
  }

  async take(resources: readonly Resource[], owner: Owner): Promise<Owner | undefined> {
    const other = resources.map((resource) => this.#ownerOf(resource)).find((found) => found && found.id !== owner.id)
    if (other) return other
    for (const resource of resources) this.#owners.set(keyOf(resource), owner)
    return undefined
  }

  async free(resources: readonly Resource[], ownerId: string): Promise<void> {
    for (const resource of resources) if (this.#ownerOf(resource)?.id === ownerId) this.#owners.delete(keyOf(resource))
  }

  async find(resources: readonly Resource[]): Promise<(Owner | undefined)[]> {
    return resources.map((resource) => this.#ownerOf(resource))
  }

  async listOthers(scopes: readonly string[], deploymentId: string): Promise<Owner[][]> {
    return scopes.map((scope) =>
      [...this.#owners].flatMap(([key, owner]) =>
        key.startsWith(`${scope} `) && owner.walk?.deploymentId !== deploymentId && !this.#isStale(owner)
          ? [owner]
          : [],
      ),
    )
  }

  #ownerOf(resource: Resource): Owner | undefined {
    const owner = this.#owners.get(keyOf(resource))
    return owner && this.#isStale(owner) ? undefined : owner
  }

  #isStale({ walk }: Owner): boolean {
    if (!walk) return false
    const host = this.records.get(walk.deploymentId)?.view.hosts.find(({ target }) => target.name === walk.host)
    return host?.state.status !== 'running'
  }
}

function keyOf({ scope, name }: Resource): string {
  return `${scope} ${name}`
}
