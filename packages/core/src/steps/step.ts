import type { DeploymentSpec, Hooks, PlannedRelease, StepName } from '@vesemir/contract'
import type { ErrorCode } from '../errors.ts'
import type { ConnectedWalk } from '../walk.ts'

/** One step of the walk of a host: all that is particular to it. */
export interface Step<Name extends StepName = StepName> {
  readonly name: Name
  readonly rotation: Rotation
  readonly leaves: Leaves
  /** Whether the service must run for it: the service's own log may say why the step failed. */
  readonly needsService?: true
  /** Where the walk resumes when it was interrupted in this step; at its beginning when the boxes show something else. */
  readonly resumes: {
    /** The host serves. */
    inService: StepName
    /** The host is out of rotation on every box. */
    heldOut: StepName
  }
  /** The hooks that stand around it. */
  readonly hooks?: { before: HookName; after: HookName }
  /** Whether a host that a cancelled deployment takes back is not walked through it. */
  readonly isSkippedOnWayBack?: true
  /** Says in a plan what it does by these settings; undefined where it has nothing to do. */
  describe(spec: DeploymentSpec, release: PlannedRelease): string | undefined
  /** Does what has to precede the record of its start. */
  prepare?(walk: ConnectedWalk): Promise<void>
  /** Does the step, and returns a note on how it went. Safe to repeat: after a crash it runs again. */
  run(walk: ConnectedWalk): Promise<string | undefined>
  /** Finds out what a failure in it has left on the host. */
  inspectFailure?(walk: ConnectedWalk, error: unknown): Promise<void> | undefined
}

/**
 * Where the host is while the step runs: in rotation as before the walk, on its way out, out and kept there, out at first and
 * brought back, or in rotation again.
 */
export type Rotation = 'in' | 'leaving' | 'out' | 'returning' | 'back'

/**
 * What a failure in the step leaves: a host as it was before, one on which nothing is proven, or one that is proven and serves,
 * unless the failure is one of these.
 */
export type Leaves = 'as-before' | 'unproven' | { provenUnless: readonly ErrorCode[] }

/** A list of commands in the hooks of an application's settings. */
export type HookName = Exclude<keyof Hooks, 'environment' | 'timeout'>
