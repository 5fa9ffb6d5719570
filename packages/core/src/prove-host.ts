import type { DeploymentSpec, PlannedRelease } from '@vesemir/contract'
import { probeOf } from './ask-application.ts'
import type { HostPorts } from './walk.ts'
import type { ProbeOptions, RemoteSession } from './ports/remote-shell.ts'

/** What is to be deployed; without a release any one. */
interface Wanted {
  spec: DeploymentSpec
  release?: PlannedRelease | undefined
}

/**
 * Makes sure that a host has what a deployment will need of it, and changes nothing: that it runs scripts, that its service can be
 * restarted, and asked from the host itself, and that it could take the release.
 * @throws {VesemirError} as `RemoteSession.proveScripts` and `.proveProbes`, `ServiceManager.prove` and `ChangesetStrategy.prove`
 */
export async function proveHost(
  session: RemoteSession,
  { spec, release }: Wanted,
  {
    changesets,
    serviceManagers,
    ...limits
  }: Pick<HostPorts, 'changesets' | 'serviceManagers'> & Pick<ProbeOptions, 'timeoutMs'> & { signal: AbortSignal },
): Promise<void> {
  const { changeset, service } = spec
  const context = { session, signal: limits.signal }
  const probe = probeOf({ spec, target: session.target })
  await session.proveScripts(limits)
  if (probe) await session.proveProbes(probe, limits)
  await serviceManagers(service).prove(service, context)
  await changesets(changeset).prove(release, { changeset, ...context })
}
