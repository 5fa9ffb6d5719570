import type { ServerRef, ServerState } from '@vesemir/contract'

/**
 * Servers that Vesemir took out of rotation and has not put back, across deployments: each with the state to go back to.
 * Written before the first change, so that what a crash or a failed host leaves can be told from what a person drained.
 */
export interface TrafficJournal {
  /** Notes servers that a walk is about to take out, or takes up again: they are not left any more. */
  note(servers: readonly NotedServer[], by: NotedBy): Promise<void>
  /** The entries of those of the servers that are noted. */
  find(servers: readonly ServerRef[]): Promise<JournalEntry[]>
  list(): Promise<JournalEntry[]>
  /** Strikes servers that are as they were before. */
  clear(servers: readonly ServerRef[]): Promise<void>
  /** Notes that a person holds servers out of rotation: Vesemir does not put them back. Their weight may still be its own. */
  cede(servers: readonly ServerRef[]): Promise<void>
  /** Notes that servers are not to be held out of rotation any more: a person has put them back. */
  release(servers: readonly ServerRef[]): Promise<void>
  /** Notes servers that stay out of rotation although no walk watches them any more. */
  leave(servers: readonly ServerRef[], by: { deploymentId: string; host: string }): Promise<void>
  listLeft(): Promise<LeftServer[]>
  /** Notes in which process of its box a left server was seen held, or was held `again`; nothing when it is left no more. */
  noteHeld(left: LeftServer, seen: { process: string; again: boolean }): Promise<void>
}

/** A server as it was before the first change, and the weights that it may be given until it is so again. */
export interface NotedServer {
  server: ServerState
  weights: number[]
}

/** One server that was taken out: as it was before, by which deployment, for which host, and when. */
export interface JournalEntry extends NotedServer {
  deploymentId: string
  host: string
  notedAt: string
  /** Whether a person has taken it out of rotation since. */
  isHeldByPerson?: true | undefined
  /** When it was last held again, since its box had forgotten; absent as long as it had not. */
  heldAgainAt?: string | undefined
}

/** A server that the walk of a host, at its end, left out of rotation. */
export interface LeftServer {
  server: ServerRef
  deploymentId: string
  host: string
  /** The process of its box in which it was seen held last; absent until somebody has looked. */
  heldIn?: string | undefined
  /** When it was last held again, since its box had forgotten. */
  heldAgainAt?: string | undefined
}

/** Whose walk notes servers. */
export interface NotedBy {
  deploymentId: string
  host: string
  /** Throws when the walk has lost its host: called before each try, since a note can wait for Redis while another worker goes on. */
  confirm?: () => Promise<void>
}
