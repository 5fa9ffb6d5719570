import type { HostRecord, ServerState } from '@vesemir/contract'
import type { DeploymentClaim, LoadBalancer } from './ports.ts'
import { isHeldOut, isSameServer } from './servers.ts'

/**
 * The hosts that a retry is for: those that did not succeed, and those that did and are out of rotation all the same, by
 * what the boxes show now. That a host runs the version already is no reason to leave it out: it may still be drained.
 */
export async function hostsToRetry(
  hosts: readonly HostRecord[],
  { claim, ports, signal }: { claim: DeploymentClaim; ports: { loadBalancer: LoadBalancer }; signal: AbortSignal },
): Promise<HostRecord[]> {
  const { plan, spec } = claim.deployment
  const done = hosts.filter(isDone)
  await using balancer = await ports.loadBalancer.open(plan!.boxes, spec.loadBalancer, signal)
  const seen = await balancer.read(
    done.flatMap(({ servers }) => servers),
    signal,
  )
  const isOut = outOfRotation(seen)
  return hosts.filter((host) => host.state.status !== 'running' && (!isDone(host) || isOut(host)))
}

/** The hosts on which the deployment has begun to introduce its version, and has not taken it back. */
export function hostsToRollBack(hosts: readonly HostRecord[]): HostRecord[] {
  return hosts.filter(
    ({ state, steps, release }) =>
      state.status !== 'running' &&
      state.status !== 'rolled-back' &&
      (release !== undefined || steps.some(({ step }) => step === 'deploy')),
  )
}

function isDone({ state, intent }: HostRecord): boolean {
  return state.status === 'succeeded' && intent === 'deploy'
}

function outOfRotation(seen: readonly ServerState[]): (host: HostRecord) => boolean {
  const held = seen.filter(isHeldOut)
  return ({ servers }) => servers.some((server) => held.some((out) => isSameServer(out, server)))
}
