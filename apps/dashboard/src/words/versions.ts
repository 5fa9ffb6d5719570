import type { DeploymentView, Traffic } from '@vesemir/contract'

/** What runs on a host, by the last deployment that changed it. */
export interface HostVersion {
  host: string
  /** The version that was brought onto it, or the release that it was put back to. */
  version: string
  /** Whether it is proven and in full service there. */
  isProven: boolean
  traffic: Traffic | undefined
  deployment: string
  at: string
}

/**
 * Tells what runs on each host of an application in an environment, from its deployments, newest first. A host that no
 * longer is part of the newest plan is left out.
 */
export function versionsPerHost(views: readonly DeploymentView[]): HostVersion[] {
  const newest = views.find(({ hosts }) => hosts.length > 0)
  return (newest?.hosts ?? []).flatMap(({ target: { name } }) => {
    for (const view of views) {
      const version = versionBy(view, name)
      if (version) return [version]
    }
    return []
  })
}

/** What a deployment has left on a host; nothing when it did not change it. */
function versionBy({ deployment, hosts }: DeploymentView, name: string): HostVersion | undefined {
  const host = hosts.find(({ target }) => target.name === name)
  if (!host || host.state.status === 'pending' || !host.release) return undefined
  const { state, release } = host
  const isBack = state.status === 'rolled-back'
  return {
    host: name,
    version: isBack ? (release.previous ?? 'the release before') : deployment.spec.version,
    isProven: state.status === 'succeeded' || isBack,
    traffic: 'traffic' in state ? state.traffic : undefined,
    deployment: deployment.id,
    at: 'endedAt' in state ? state.endedAt : deployment.createdAt,
  }
}
