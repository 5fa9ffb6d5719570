import type { DeploymentRef, HostRecord, ServerState } from '@vesemir/contract'
import { VesemirError } from './errors.ts'
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

/**
 * Of the hosts that a command is for, those that still run what this deployment left, by name; the others are left out. All
 * are, unless the deployment is superseded. `refusal` says why none is left.
 */
export async function stillOurs(
  hosts: readonly HostRecord[],
  { deployment, readReleases }: Pick<DeploymentClaim, 'deployment' | 'readReleases'>,
): Promise<{ chosen: string[]; leftOut: string[]; refusal?: VesemirError }> {
  const names = hosts.map(({ target }) => target.name)
  if (!deployment.supersededBy) return { chosen: names, leftOut: [] }
  const releases = await readReleases()
  const isOurs = (name: string) => releases.get(name)?.id === deployment.id
  const chosen = names.filter(isOurs)
  const leftOut = names.filter((name) => !isOurs(name))
  if (chosen.length > 0) return { chosen, leftOut }
  const runs = leftOut.slice(0, mostNamed).map((name) => `${name} runs ${describe(releases.get(name))}`)
  const rest = leftOut.length > mostNamed ? [`${leftOut.length - mostNamed} more`] : []
  const message = [`no host still runs what ${deployment.id} left`, [...runs, ...rest].join(', ')]
    .filter(Boolean)
    .join(': ')
  return { chosen, leftOut, refusal: new VesemirError('DEPLOYMENT_SUPERSEDED', message) }
}

/** How many hosts a refusal names. */
const mostNamed = 3

function describe(ref: DeploymentRef | undefined): string {
  return ref ? `${ref.version} (${ref.id})` : 'what is not known'
}

function isDone({ state, intent }: HostRecord): boolean {
  return state.status === 'succeeded' && intent === 'deploy'
}

function outOfRotation(seen: readonly ServerState[]): (host: HostRecord) => boolean {
  const held = seen.filter(isHeldOut)
  return ({ servers }) => servers.some((server) => held.some((out) => isSameServer(out, server)))
}
