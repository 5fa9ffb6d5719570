import type { Changeset, CommitChanges, DeploymentSpec, PlannedRelease } from '@vesemir/contract'
import type { Revealed } from '../reveal.ts'
import type { OnLine, RemoteSession } from './remote-shell.ts'

/** Returns the strategy for a changeset. */
export type Changesets = (changeset: Changeset) => ChangesetStrategy

/** The name of a strategy, as in `changeset.strategy`. */
export type StrategyName = Changeset['strategy']

/** The changeset that people write for a strategy. */
export type ChangesetOf<Name extends StrategyName> = Extract<Changeset, { strategy: Name }>

/** The release that a strategy pins. */
export type ReleaseOf<Name extends StrategyName> = Extract<PlannedRelease, { strategy: Name }>

/** One way in which a version gets onto a host: by changesets and releases of one kind. All parts are idempotent by the release's id. */
export interface ChangesetStrategy<
  Written extends Changeset = Changeset,
  Pinned extends PlannedRelease = PlannedRelease,
> {
  /**
   * Pins what every host will get: reads the artifact once, checks its sum. Where a release holds variables, `variables` tells one from
   * another that has others.
   * @throws {VesemirError} `ARTIFACT_UNAVAILABLE`, `ARTIFACT_MISMATCH`, `ARTIFACT_INVALID`, `TEMPLATE_INVALID`,
   * `REPOSITORY_UNAVAILABLE`, `REVISION_UNKNOWN`
   */
  pin(
    changeset: Revealed<Written>,
    spec: DeploymentSpec,
    known?: { variables?: string; signal?: AbortSignal | undefined },
  ): Promise<Pinned>
  /**
   * Lists the commits between two releases; undefined where they are not of one repository. Absent where a strategy knows no commits.
   * @throws {VesemirError} `REPOSITORY_UNAVAILABLE`, `REVISION_UNKNOWN`, `WORKER_TOOL_MISSING`
   */
  listCommits?(from: Pinned, to: Pinned, signal: AbortSignal): Promise<CommitChanges | undefined>
  /**
   * Makes sure that a host could take a release, as far as it can be known beforehand, and changes nothing. Without a release it is
   * one of the kind that the changeset usually has.
   * @throws {VesemirError} `DISK_SPACE_LOW`, `HOST_TOOL_MISSING`, `SUDO_REFUSED`, and as `RemoteSession.run`
   */
  prove(release: Pinned | undefined, context: ProveContext<Written>): Promise<void>
  /**
   * Brings the release onto a host beside what runs there, which notices nothing of it: `introduce` then has little left to
   * do. Returns the release that is current meanwhile. A strategy that cannot do that makes sure that the host runs scripts, and
   * returns no note. Throws as `introduce`.
   */
  stage(release: Pinned, context: IntroduceContext<Written>): Promise<Staged>
  /**
   * Introduces the release on a host; `previous` is the release that was current before.
   * @throws {VesemirError} `DISK_SPACE_LOW`, `HOST_TOOL_MISSING`, and as `pin` and `RemoteSession.run`
   */
  introduce(release: Pinned, context: IntroduceContext<Written>): Promise<{ previous?: string; note: string }>
  /**
   * Takes the release back, also one whose introduction broke off: what was current before is current again. The service
   * is not restarted by it. Returns the release that is current then, where it is known.
   * @throws {VesemirError} `ROLLBACK_UNAVAILABLE` when nothing is there to go back to; as `RemoteSession.run`
   */
  revert(release: Pinned, context: RevertContext<Written>): Promise<{ note: string; current?: string }>
  /** Asks the host what is current and whether `revert` could do its work; changes nothing. Throws as `RemoteSession.run`. */
  inspect(release: Pinned, context: InspectContext<Written>): Promise<Inspection>
}

/** On which host a release is asked for. */
export interface ProveContext<Written extends Changeset = Changeset> {
  changeset: Written
  session: RemoteSession
  signal: AbortSignal | undefined
}

/** A release beside what runs. */
export interface Staged {
  /** The folder of the release on the host; absent where the strategy has none. */
  folder?: string
  note?: string
  /** The release that is current on the host; absent where there is none, or none is known. */
  current?: string
}

/** What a host says of its releases. */
export interface Inspection {
  /** The release that is current on the host; absent where there is none, or none is known. */
  current?: string
  /** Whether nothing on the host could say it. */
  isSilent?: true
  /** Why the release cannot be taken back, in words; absent where it can. */
  unavailable?: string
}

export interface IntroduceContext<Written extends Changeset = Changeset> {
  /** With secrets in it, as they are now. */
  changeset: Revealed<Written>
  /** The application's variables, with secrets in them. */
  variables: Readonly<Record<string, string>>
  /** The names of those variables that are secret. */
  secretNames: readonly string[]
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

export interface RevertContext<Written extends Changeset = Changeset> extends IntroduceContext<Written> {
  /** What `introduce` returned as `previous`; undefined when it returned none, or did not get so far. */
  previous: string | undefined
}

/** As to take a release back, and nothing is run for it that gets variables. */
export type InspectContext<Written extends Changeset = Changeset> = Omit<
  RevertContext<Written>,
  'variables' | 'secretNames'
>
