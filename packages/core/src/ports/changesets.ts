import type { Changeset, DeploymentSpec, PlannedRelease } from '@vesemir/contract'
import type { OnLine, RemoteSession } from './remote-shell.ts'

/** The strategy for a changeset's kind. */
export type Changesets = (changeset: Changeset) => ChangesetStrategy

/** One way in which a version gets onto a host. All parts are idempotent by the release's id. */
export interface ChangesetStrategy {
  /**
   * Pins what every host will get: reads the artifact once, checks its sum.
   * @throws {VesemirError} `ARTIFACT_UNAVAILABLE`, `ARTIFACT_MISMATCH`, `ARTIFACT_INVALID`, `REPOSITORY_UNAVAILABLE`,
   * `REVISION_UNKNOWN`
   */
  pin(changeset: Changeset, spec: DeploymentSpec, signal?: AbortSignal): Promise<PlannedRelease>
  /**
   * Brings the release onto a host beside what runs there, which notices nothing of it: `introduce` then has little left to
   * do. Gives the release that is current meanwhile. A strategy that cannot do that makes sure that the host runs scripts, and
   * gives no note. Throws as `introduce`.
   */
  stage(release: PlannedRelease, context: IntroduceContext): Promise<Staged>
  /**
   * Introduces the release on a host; `previous` is the release that was current before.
   * @throws {VesemirError} `DISK_SPACE_LOW`, `HOST_TOOL_MISSING`, and as `pin` and `RemoteSession.run`
   */
  introduce(release: PlannedRelease, context: IntroduceContext): Promise<{ previous?: string; note: string }>
  /**
   * Takes the release back, also one whose introduction broke off: what was current before is current again. The service
   * is not restarted by it. Gives the release that is current then, where it can be told.
   * @throws {VesemirError} `ROLLBACK_UNAVAILABLE` when nothing is there to go back to; as `RemoteSession.run`
   */
  revert(release: PlannedRelease, context: RevertContext): Promise<{ note: string; current?: string }>
  /** Asks the host what is current and whether `revert` could do its work; changes nothing. Throws as `RemoteSession.run`. */
  inspect(release: PlannedRelease, context: RevertContext): Promise<Inspection>
}

/** A release beside what runs. */
export interface Staged {
  note?: string
  /** The release that is current on the host; absent where there is none, or none can be told. */
  current?: string
}

/** What a host says of its releases. */
export interface Inspection {
  /** The release that is current on the host; absent where there is none, or none can be told. */
  current?: string
  /** Why the release cannot be taken back, in words; absent where it can. */
  unavailable?: string
}

export interface IntroduceContext {
  spec: DeploymentSpec
  session: RemoteSession
  /** Whether `stage` has brought the release just now. */
  isStaged?: boolean
  /** Called by `stage` when the host has shown that it runs scripts, and that it can take the release. */
  onAccepted?: () => void
  /** VESEMIR_* variables of the deployment and host. */
  env: Readonly<Record<string, string>>
  onLine: OnLine
  signal: AbortSignal | undefined
}

export interface RevertContext extends IntroduceContext {
  /** What `introduce` gave as `previous`; undefined when it gave none, or did not get so far. */
  previous: string | undefined
}
