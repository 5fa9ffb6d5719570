import type {
  ApplicationHost,
  BegunRelease,
  Deployment,
  HostFact,
  HostRecord,
  RunningRelease,
  Traffic,
} from '@vesemir/contract'

/** The release that Vesemir last put in place on a host, and by which deployment. */
export interface InstalledRelease {
  release: string
  version: string
  deployment: string
  at: string
}

/** The release that a host itself last named as current, and when; and whether its application has answered with that since. */
export interface ReportedRelease {
  release: string
  at: string
  isVersionProven?: boolean | undefined
}

/** What should run on the hosts of an application's environment, and what should before. */
export interface WantedRelease {
  deployment: string
  release: string
  version: string
  /** Since when; absent from records of earlier releases. */
  since?: string | undefined
  before?: Omit<WantedRelease, 'before'> | undefined
}

/** What is known of a host's release. Each part is recorded separately: a report of one leaves the others unchanged. */
export interface ReleaseReport {
  put?: InstalledRelease
  said?: ReportedRelease
  traffic?: Traffic
  /** What a changeset has begun to put in place; `settled` once it is known what came of that. */
  begun?: BegunRelease | 'settled'
}

/** A release that nobody can name: commands have taken back what was there before. */
export const unknownRelease = 'unknown'

/**
 * Returns what a fact reports about the release on its host. From the start of a changeset until its outcome or a report of the host is
 * written, the host may run either: a worker that is killed in between writes neither. The end of a walk reports where it left the
 * traffic, if it changed that, and of the release only that it was proven.
 */
export function reportRelease(
  fact: HostFact,
  { at, host, deployment }: { at: string; host: HostRecord; deployment: Pick<Deployment, 'id' | 'spec' | 'plan'> },
): ReleaseReport {
  switch (fact.type) {
    case 'release.seen':
      return { said: { release: fact.release, at }, begun: 'settled' }
    case 'release.introduced': {
      const { release } = fact
      const put = { release, version: deployment.spec.version, deployment: deployment.id, at }
      const said = { release, at, isVersionProven: false }
      const news = { put, said, begun: 'settled' } as const
      return host.snapshot === undefined ? news : { ...news, traffic: 'drained' }
    }
    case 'release.reverted': {
      const { release = unknownRelease } = fact
      const put = { release, version: versionOf(release), deployment: deployment.id, at }
      return { put, said: { release, at, isVersionProven: false }, begun: 'settled' }
    }
    case 'host.ended': {
      const isWalked = fact.outcome === 'succeeded' || fact.outcome === 'rolled-back'
      // Who has no servers gets what is sent to it; a walk that ended before the drain changed nothing.
      const traffic = fact.traffic === 'untouched' && !isWalked ? {} : { traffic: fact.traffic }
      const { current } = host
      return fact.isVersionProven && current
        ? { ...traffic, said: { release: current.release, at, isVersionProven: true }, begun: 'settled' }
        : traffic
    }
    case 'step.started': {
      const begun = fact.step === 'deploy' ? releaseBegun(host, deployment) : undefined
      return begun ? { begun: { ...begun, deployment: deployment.id, at } } : {}
    }
    case 'host.claimed':
    case 'host.turned':
    case 'step.waiting':
    case 'step.ended':
    case 'servers.located':
    case 'servers.snapshotted':
    case 'servers.seen':
    case 'servers.returned':
      return {}
  }
}

/**
 * The release that a changeset may put in place; undefined where that is current already, or nothing is to be taken out: what was in
 * doubt before then still is.
 */
function releaseBegun(
  { intent, current, release }: HostRecord,
  { plan, spec }: Pick<Deployment, 'plan' | 'spec'>,
): Pick<BegunRelease, 'release' | 'version'> | undefined {
  if (!plan) return undefined
  const { id } = plan.release
  const isCurrent = current?.release === id
  if (intent === 'deploy') return isCurrent ? undefined : { release: id, version: spec.version }
  if (!isCurrent) return undefined
  const { previous = unknownRelease } = release ?? {}
  return { release: previous, version: versionOf(previous) }
}

/** Returns what a host runs according to its reports; undefined without any. */
export function runningRelease({ put, said }: ReleaseReport): RunningRelease | undefined {
  const latest = said ?? put
  if (!latest) return undefined
  const { release, at } = latest
  const isVersionProven = said?.isVersionProven
  const ours = put?.release === release ? put : undefined
  return {
    release,
    version: ours?.version ?? versionOf(release),
    ...(ours ? { deployment: ours.deployment } : {}),
    at,
    ...(isVersionProven === undefined ? {} : { isVersionProven }),
  }
}

/**
 * A host beside what it should run, and in words how it differs. One that has left the inventory should run nothing.
 * `inInventory` is undefined where that is not known.
 */
export function compareHost(
  { host, environment }: Pick<ApplicationHost, 'host' | 'environment'>,
  {
    news,
    wanted,
    inInventory,
  }: { news: ReleaseReport; wanted: WantedRelease | undefined; inInventory?: boolean | undefined },
): ApplicationHost {
  const mayRun = releaseInDoubt(news)
  const reported = runningRelease(news)
  const runs = reported && mayRun ? { ...reported, isVersionProven: false } : reported
  const isOther = (release: string | undefined) => release !== unknownRelease && release !== wanted?.release
  const drifts = wanted && inInventory !== false && (isOther(runs?.release) || (mayRun && isOther(mayRun.release)))
  return {
    host,
    environment,
    ...(inInventory === undefined ? {} : { inInventory }),
    ...(runs ? { runs } : {}),
    ...(mayRun ? { mayRun } : {}),
    ...(wanted ? { wanted: { version: wanted.version, deployment: wanted.deployment } } : {}),
    ...(drifts ? { drift: `expected ${wanted.version}, deployed by ${wanted.deployment}` } : {}),
    traffic: news.traffic ?? 'untouched',
  }
}

/** The release that a host may run besides the one that it runs by its reports; undefined where both are the same. */
function releaseInDoubt({ begun, ...news }: ReleaseReport): BegunRelease | undefined {
  if (begun === undefined || begun === 'settled') return undefined
  return begun.release === runningRelease(news)?.release ? undefined : begun
}

/** What should run once a deployment has succeeded. */
export function wantedAfter(
  { id, spec, plan }: Deployment,
  { before, since }: { before: WantedRelease | undefined; since: string },
): WantedRelease {
  const wanted = { deployment: id, release: plan!.release.id, version: spec.version, since }
  if (!before) return wanted
  const { before: earlier, ...last } = before
  const kept = last.deployment === id ? earlier : last
  return kept ? { ...wanted, before: kept } : wanted
}

/** What should run once a deployment is taken back: what should before it. */
export function wantedWithout(id: string, wanted: WantedRelease | undefined): WantedRelease | undefined {
  return wanted?.deployment === id ? wanted.before : wanted
}

/** What a host should run, of what its environment should and what it alone should since a deployment to some hosts: the later. */
export function wantedOn(
  ofEnvironment: WantedRelease | undefined,
  ofHost: WantedRelease | undefined,
): WantedRelease | undefined {
  if (!ofEnvironment || !ofHost) return ofEnvironment ?? ofHost
  return (ofHost.since ?? '') > (ofEnvironment.since ?? '') ? ofHost : ofEnvironment
}

/**
 * A release is called by its version, and where one version may have several contents, by a sum of that after a dash. The name of a
 * folder has "~" for "/".
 */
export function versionOf(release: string): string {
  return release.replace(/-[0-9a-f]{8}$/, '').replaceAll('~', '/')
}
