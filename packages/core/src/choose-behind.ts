import type {
  ApplicationHost,
  Deployment,
  DeploymentSpec,
  FailedHost,
  HostRecord,
  HostsBehind,
  HostTarget,
  PlannedRelease,
  SecretDigests,
} from '@vesemir/contract'
import { askReleases, type AskingPorts } from './ask-releases.ts'
import { findBehind, type ExpectedRelease, type FailedBefore } from './find-behind.ts'
import { readExpected, refuseOutdated, type ExpectedPorts } from './find-expected.ts'
import type { Deployments } from './ports/deployments.ts'
import type { HostHistory } from './ports/host-history.ts'
import type { Revealed } from './reveal.ts'
import { variableChanges } from './variable-changes.ts'
import { writesVariables } from './variables.ts'

/** What finding out takes which hosts are behind. */
export interface BehindPorts extends AskingPorts, ExpectedPorts {
  hostHistory: Pick<HostHistory, 'list' | 'readWanted'>
  deployments: Pick<Deployments, 'read' | 'readView'>
}

interface Asked {
  spec: DeploymentSpec
  changeset: Revealed<DeploymentSpec['changeset']>
  release: PlannedRelease
  /** What tells whether secrets among the variables have changed. */
  secrets: SecretDigests | undefined
}

/**
 * Asks an application's hosts what they run, and returns those that are behind the release of a deployment.
 * @throws {VesemirError} of a deployment that brings hosts up to what should run, as `refuseOutdated`
 */
export async function chooseBehind(
  hosts: readonly HostTarget[],
  { spec, changeset, release, secrets }: Asked,
  ports: BehindPorts,
  signal: AbortSignal,
): Promise<HostsBehind> {
  const { expected, failed } = await readPurpose({ spec, release, secrets }, ports)
  const answers = await askReleases(hosts, { spec, changeset, release }, ports, signal)
  const { application, environment } = spec
  const known = new Map<string, ApplicationHost>()
  for (const host of await ports.hostHistory.list(application, { environment })) known.set(host.host, host)
  const asked = hosts.map(({ name }, index) => ({
    host: name,
    answer: answers[index]!,
    known: known.get(name),
    failed: failed.get(name),
  }))
  const found = findBehind(asked, expected)
  const failedBefore = spec.partial ? failedAmongOthers(hosts, failed) : []
  return failedBefore.length === 0 ? found : { ...found, failedBefore }
}

/** How many hosts a record keeps that failed before and are not its own: machines that are gone are among them. */
const mostKept = 100

/** A deployment to some hosts asks no others; the next must know of those that failed, too. */
function failedAmongOthers(hosts: readonly HostTarget[], failed: ReadonlyMap<string, FailedBefore>): FailedHost[] {
  const asked = new Set(hosts.map(({ name }) => name))
  return [...failed]
    .filter(([host]) => !asked.has(host))
    .map(([host, { deployment }]) => ({ host, failedIn: deployment }))
    .slice(-mostKept)
}

/** What hosts are compared with: the release of the deployment, and when it should run there already, by which deployment. */
async function readPurpose(
  { spec, release, secrets }: Omit<Asked, 'changeset'>,
  ports: BehindPorts,
): Promise<{ expected: ExpectedRelease; failed: ReadonlyMap<string, FailedBefore> }> {
  if (!spec.converges) return { expected: { release: release.id, version: spec.version }, failed: new Map() }
  const { expected, current } = await readExpected(spec, ports)
  const before = writesVariables(spec.changeset) ? await ports.deployments.read(expected.deployment) : undefined
  const variables = before && variableChanges(before, { spec, secrets })
  refuseOutdated(spec, { expected, release: release.id, variables })
  return { expected, failed: await readFailed(current, ports) }
}

/**
 * Reads the hosts that failed when they were to be brought up to what should run last, however that ended, and those that it left out
 * for the same reason or was not for: a person tries those again.
 */
async function readFailed(
  current: Deployment | undefined,
  { deployments }: Pick<BehindPorts, 'deployments'>,
): Promise<ReadonlyMap<string, FailedBefore>> {
  const { converging, broughtUp } = await findConverging(current, { deployments })
  if (!converging) return new Map()
  const { id, leftOut = [], failedBefore = [], spec } = converging
  const { hosts = [] } = (await deployments.readView(id)) ?? {}
  const failed = hosts.filter(hasFailed).map(({ target }) => target.name)
  const { application, environment, version } = spec
  // A deployment that is superseded takes no retry.
  const deploy = `vesemir deploy ${application} -e ${environment} --version ${version} --hosts`
  const isCurrent = id === current?.id
  const all = [
    ...[...failedBefore, ...leftOut].flatMap(({ host, failedIn }) =>
      failedIn === undefined ? [] : [[host, { deployment: failedIn, command: `${deploy} ${host}` }] as const],
    ),
    ...failed.map((host) => {
      return [host, { deployment: id, command: isCurrent ? `vesemir retry ${id}` : `${deploy} ${host}` }] as const
    }),
  ]
  return new Map(all.filter(([host]) => !broughtUp.has(host)))
}

/** How many deployments of people to some hosts are looked through. */
const mostByHand = 1000

/**
 * Finds the last deployment that converged, and the hosts that people brought up since. Theirs to some hosts say nothing of others; one to
 * all of them does.
 */
async function findConverging(
  current: Deployment | undefined,
  { deployments }: Pick<BehindPorts, 'deployments'>,
): Promise<{ converging: Deployment | undefined; broughtUp: ReadonlySet<string> }> {
  const broughtUp = new Set<string>()
  let record = current
  for (let read = 0; record && !record.spec.converges && read < mostByHand; read += 1) {
    if (!record.spec.partial) return { converging: undefined, broughtUp }
    const { hosts = [] } = (await deployments.readView(record.id)) ?? {}
    for (const { target, state } of hosts) if (state.status === 'succeeded') broughtUp.add(target.name)
    record = record.supersedes === undefined ? undefined : await deployments.read(record.supersedes)
  }
  return { converging: record?.spec.converges ? record : undefined, broughtUp }
}

/** Whether a host failed itself: others may have been rolled back with it. */
function hasFailed({ state, history = [] }: HostRecord): boolean {
  const isFailure = (status: string) => status === 'failed' || status === 'unreachable'
  if (state.status !== 'rolled-back') return isFailure(state.status)
  return state.failure !== undefined || history.some(({ intent, status }) => intent === 'deploy' && isFailure(status))
}
