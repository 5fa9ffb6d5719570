import type {
  ApplicationHost,
  Deployment,
  DeploymentSpec,
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
  return findBehind(asked, expected)
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
 * for the same reason: a person tries those again.
 */
async function readFailed(
  current: Deployment | undefined,
  { deployments }: Pick<BehindPorts, 'deployments'>,
): Promise<ReadonlyMap<string, FailedBefore>> {
  /** By host, the deployment in which it failed, or nothing where it did not: what the latest says counts. */
  const found = new Map<string, string | undefined>()
  const seen = new Set<string>()
  let asked = current
  while (asked?.spec.converges && !seen.has(asked.id) && seen.size < mostRead) {
    const { id, spec, leftOut = [], supersedes } = asked
    seen.add(id)
    const { hosts = [] } = (await deployments.readView(id)) ?? {}
    const walked = hosts.map((host) => [host.target.name, hasFailed(host) ? id : undefined] as const)
    const before = leftOut.map(({ host, failedIn }) => [host, failedIn] as const)
    for (const [host, failedIn] of [...walked, ...before]) if (!found.has(host)) found.set(host, failedIn)
    // One to all hosts has asked all of them: it names those that failed before.
    asked = spec.partial && supersedes !== undefined ? await deployments.read(supersedes) : undefined
  }
  return new Map(
    [...found].flatMap(([host, failedIn]) => (failedIn ? [[host, sayFailed(host, failedIn, current!)]] : [])),
  )
}

/** So many deployments to single hosts are looked through, the latest ones. */
const mostRead = 100

/** The last deployment takes a retry; one that is superseded does not. */
function sayFailed(host: string, deployment: string, { id, spec }: Deployment): FailedBefore {
  const { application, environment, version } = spec
  if (deployment === id) return { deployment, command: `vesemir retry ${id}` }
  return { deployment, command: `vesemir deploy ${application} -e ${environment} --version ${version} --hosts ${host}` }
}

/** Whether a host failed itself: others may have been rolled back with it. */
function hasFailed({ state, history = [] }: HostRecord): boolean {
  const isFailure = (status: string) => status === 'failed' || status === 'unreachable'
  if (state.status !== 'rolled-back') return isFailure(state.status)
  return state.failure !== undefined || history.some(({ intent, status }) => intent === 'deploy' && isFailure(status))
}
