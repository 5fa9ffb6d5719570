import type { ApplicationHost } from '@vesemir/contract'

/** Returns whether one of these deployments changed a host last, or has begun to: what the host should run is open until it ends. */
export function isChanging(
  { runs, mayRun }: Pick<ApplicationHost, 'runs' | 'mayRun'>,
  ongoing: ReadonlySet<string>,
): boolean {
  return [runs, mayRun].some((release) => release?.deployment !== undefined && ongoing.has(release.deployment))
}
