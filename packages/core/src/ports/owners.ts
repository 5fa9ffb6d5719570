/**
 * Who works on which machine and server: one owner at a time, across deployments, applications, names and nodes. An owner whose
 * host is no longer walked, by its record, owns nothing any more.
 */
export interface Owners {
  /** Takes all of the resources, or none: then returns an owner who has one of them. What is its own already stays so. */
  take(resources: readonly Resource[], owner: Owner): Promise<Owner | undefined>
  free(resources: readonly Resource[], ownerId: string): Promise<void>
  /** The owners of the resources, in their order. */
  find(resources: readonly Resource[]): Promise<(Owner | undefined)[]>
  /** For each of the scopes, the owners of resources in it that belong to other deployments than this one. */
  listOthers(scopes: readonly string[], deploymentId: string): Promise<Owner[][]>
}

/** Something that one owner has at a time: a machine, or a server of the backend that is its scope. */
export interface Resource {
  scope: string
  name: string
}

/** Who owns something: the walk of a host, or for `lifetimeMs` at a time someone else. */
export interface Owner {
  id: string
  /** For people: `d-7 (billing)`. */
  name: string
  /** The walk whose record tells whether it still goes on. */
  walk?: { deploymentId: string; host: string; attempt: number } | undefined
  /** For an owner without a record: it has to take the resources again within this time. */
  lifetimeMs?: number | undefined
  /** How many servers its deployment wants to stay in service in the backends of its servers. */
  minHealthy?: number | string | undefined
  /** The same for backends whose number is another, by name. */
  minHealthyIn?: Readonly<Partial<Record<string, number | string>>> | undefined
}
