import type {
  ApplicationHost,
  Deployment,
  DeploymentSpec,
  HostsBehind,
  HostTarget,
  PlannedRelease,
  SecretDigests,
} from '@vesemir/contract'
import { askReleases, type AskingPorts } from './ask-releases.ts'
import { findBehind, type ExpectedRelease } from './find-behind.ts'
import { readExpected, refuseOutdated, type ExpectedPorts } from './find-expected.ts'
import type { Deployments } from './ports/deployments.ts'
import type { HostHistory } from './ports/host-history.ts'
import type { Revealed } from './reveal.ts'
import { variableChanges } from './variable-changes.ts'

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
): Promise<{ expected: ExpectedRelease; failed: ReadonlyMap<string, string> }> {
  if (!spec.converges) return { expected: { release: release.id, version: spec.version }, failed: new Map() }
  const { expected, current } = await readExpected(spec, ports)
  const before = writesVariables(spec) ? await ports.deployments.read(expected.deployment) : undefined
  const variables = before && variableChanges(before, { spec, secrets })
  refuseOutdated(spec, { expected, release: release.id, variables })
  return { expected, failed: await readFailed(current, ports) }
}

function writesVariables({ changeset }: DeploymentSpec): boolean {
  return 'environmentFile' in changeset && changeset.environmentFile !== undefined
}

/** Reads the hosts that failed when they were to be brought up to what should run last: a person retries those. */
async function readFailed(
  current: Deployment | undefined,
  { deployments }: Pick<BehindPorts, 'deployments'>,
): Promise<ReadonlyMap<string, string>> {
  const isFailed = current?.spec.converges !== undefined && current.state.status === 'failed'
  const { hosts = [] } = (isFailed ? await deployments.readView(current.id) : undefined) ?? {}
  const failed = hosts.filter(({ state }) => state.status === 'failed' || state.status === 'unreachable')
  return new Map(failed.map(({ target }) => [target.name, `failed in ${current!.id}: vesemir retry ${current!.id}`]))
}
