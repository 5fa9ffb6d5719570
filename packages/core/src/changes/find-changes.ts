import type {
  ApplicationHost,
  CommitChanges,
  Deployment,
  DeploymentSpec,
  Plan,
  PlanChanges,
  PlannedRelease,
  SettingChange,
} from '@vesemir/contract'
import { isVesemirError } from '../errors.ts'
import type { Changesets } from '../ports/changesets.ts'
import type { Deployments } from '../ports/deployments.ts'
import type { HostHistory } from '../ports/host-history.ts'
import { countVersions } from '../versions.ts'
import { compareSettings, hiddenValue, type SettingDifference } from './compare-settings.ts'
import { comparedOf, compareUrl } from './compare-url.ts'

/** What finding out takes what a deployment changes. */
export interface ChangesPorts {
  changesets: Changesets
  hostHistory: Pick<HostHistory, 'list'>
  deployments: Pick<Deployments, 'read' | 'readCurrent'>
}

/** The record keeps a plan's changes: long lists and values are cut. */
const mostSettings = 30
const mostCharacters = 120

/**
 * Finds out what a deployment changes: the versions that its hosts run, the settings that differ from the deployment before, and the commits
 * between the release that most of its hosts run and its own. Commits that cannot be listed are a warning.
 */
export async function findChanges(
  { id, spec }: Pick<Deployment, 'id' | 'spec'>,
  plan: Pick<Plan, 'hosts' | 'release' | 'secrets'>,
  ports: ChangesPorts,
  signal: AbortSignal,
): Promise<{ changes: PlanChanges; warnings: string[] }> {
  const { application, environment } = spec
  const names = new Set(plan.hosts.map(({ target }) => target.name))
  const known = await ports.hostHistory.list(application, { environment })
  const current = await ports.deployments.readCurrent(spec)
  const before = current?.id === id ? undefined : current
  const settings = before ? compareSettings(before, { spec, secrets: plan.secrets }) : []
  const maker = await readMaker(known, { names, release: plan.release, before }, ports)
  const from = maker?.plan && comparedOf(maker.spec, maker.plan.release)
  const url = from && compareUrl(spec, { from, to: comparedOf(spec, plan.release) })
  const { commits, warnings } = await listCommits(maker?.plan?.release, { spec, release: plan.release }, ports, signal)
  const changes = {
    running: countVersions(names, known),
    ...(before ? { since: before.id } : {}),
    settings: settings.slice(0, mostSettings).map(toChange),
    settingsCount: settings.length,
    ...(commits ? { commits } : {}),
    ...(url === undefined ? {} : { compareUrl: url }),
  }
  return { changes, warnings }
}

/** Reads the deployment by which most of the hosts run another release than the one that is planned. */
async function readMaker(
  known: readonly ApplicationHost[],
  { names, release, before }: { names: ReadonlySet<string>; release: PlannedRelease; before: Deployment | undefined },
  { deployments }: Pick<ChangesPorts, 'deployments'>,
): Promise<Deployment | undefined> {
  const counts = new Map<string, number>()
  for (const { host, runs } of known)
    if (runs?.deployment !== undefined && runs.release !== release.id && names.has(host))
      counts.set(runs.deployment, (counts.get(runs.deployment) ?? 0) + 1)
  const [most] = [...counts].toSorted(([, a], [, b]) => b - a)
  if (!most) return undefined
  return before?.id === most[0] ? before : deployments.read(most[0])
}

async function listCommits(
  from: PlannedRelease | undefined,
  { spec, release }: { spec: DeploymentSpec; release: PlannedRelease },
  { changesets }: Pick<ChangesPorts, 'changesets'>,
  signal: AbortSignal,
): Promise<{ commits?: CommitChanges | undefined; warnings: string[] }> {
  const strategy = changesets(spec.changeset)
  if (!strategy.listCommits || from?.strategy !== release.strategy) return { warnings: [] }
  try {
    return { commits: await strategy.listCommits(from, release, signal), warnings: [] }
  } catch (error) {
    if (signal.aborted || !isVesemirError(error)) throw error
    return { warnings: [`commits since ${from.id} are not listed: ${error.message}`] }
  }
}

function toChange({ field, ...values }: SettingDifference): SettingChange {
  const isIn = { first: 'first' in values, second: 'second' in values }
  return {
    field,
    change: isIn.first && isIn.second ? 'changed' : isIn.second ? 'added' : 'removed',
    ...shown('before', values.first),
    ...shown('after', values.second),
  }
}

function shown<Name extends string>(name: Name, value: unknown): { [Key in Name]?: string } {
  if (value === undefined || value === hiddenValue) return {}
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  const cut = text.length > mostCharacters ? `${text.slice(0, mostCharacters - 1)}…` : text
  return { [name]: cut } as { [Key in Name]?: string }
}
