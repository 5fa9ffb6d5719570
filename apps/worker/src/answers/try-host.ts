import type { DeploymentSpec, HostTarget, PlannedRelease } from '@vesemir/contract'
import { proveHost, type HostPorts } from '@vesemir/core'

/** How a host is tried. */
export type TryHostPorts = Pick<HostPorts, 'remoteShell' | 'changesets' | 'serviceManagers' | 'clock'>

/** How long a host may take to answer each question. */
const timeoutMs = 10_000

/**
 * Connects to a host and makes sure that it has what a deployment will need of it; returns how long that took, in words. Changes
 * nothing.
 * @throws {VesemirError} as `RemoteShell.connect` and `proveHost`
 */
export async function tryHost(
  host: HostTarget,
  { spec, release, ...ports }: TryHostPorts & { spec: DeploymentSpec; release?: PlannedRelease },
  signal: AbortSignal,
): Promise<string> {
  const connecting = ports.clock.startStopwatch()
  await using session = await ports.remoteShell.connect(host, signal)
  const connectedMs = connecting()
  const running = ports.clock.startStopwatch()
  await session.proveScripts({ timeoutMs, signal })
  const took = `connected in ${connectedMs} ms; an empty command took ${running()} ms`
  await proveHost(session, { spec, release }, { ...ports, timeoutMs, signal })
  return session.probesByShell ? `${took}; sshd forbids forwarding: a shell asks the service` : took
}
