import type { DeploymentSpec, StepName } from '@vesemir/contract'
import type { RemoteSession } from './remote-shell.ts'
import type { NotedServer } from './traffic-journal.ts'

/** What a walk leaves on its host while the host's servers may not be as they were, for whoever comes when Redis has forgotten. */
export interface Mark {
  /** The epoch in which the deployment's record was written. */
  epoch: string
  deploymentId: string
  /** Tells the deployment from another of the same id. */
  createdAt: string
  host: string
  attempt: number
  /** The last step in which a script ran on the host. */
  step: StepName
  /** The servers as they were before the first change, and the weights that they may be given until they are so again. */
  servers: NotedServer[]
}

/** Opens the mark of an application's environment on a host. */
export type Marks = (session: RemoteSession, scope: MarkScope) => MarkedSession

/** The application's environment that a mark is for, and where its releases are. */
export type MarkScope = Pick<DeploymentSpec, 'application' | 'environment' | 'changeset'>

/** A session whose scripts carry the mark: it costs no trip of its own. */
export interface MarkedSession {
  remote: RemoteSession
  mark: HostMark
}

/** The mark of a walk on its host. */
export interface HostMark {
  /** Reads the mark; undefined where there is none, or another than this cluster's workers sealed. Throws as `RemoteSession.run`. */
  read(signal: AbortSignal): Promise<Mark | undefined>
  /** Has the next script that runs on the host write this mark before it does anything. */
  put(mark: Mark): void
  /** Has the next script note the step in which it runs; nothing before a mark was put. */
  note(step: StepName): void
  /** Waits until the mark that was put first is on the host; writes it where no script has. Throws as `RemoteSession.run`. */
  written(signal: AbortSignal): Promise<void>
  /** Removes the mark: the host is as it was. A host that cannot be reached keeps it. */
  clear(): Promise<void>
}
