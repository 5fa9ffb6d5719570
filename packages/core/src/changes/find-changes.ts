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
 * between the release that most of its hosts run and its own. What cannot be found out is a warning: an earlier deployment whose record
 * is damaged must not keep the next one from being planned.
 */
export async function findChanges(
  deployment: Pick<Deployment, 'id' | 'spec'>,
  plan: Pick<Plan, 'hosts' | 'release' | 'secrets'>,
  ports: ChangesPorts,
  signal: AbortSignal,
): Promise<{ changes?: PlanChanges; warnings: string[] }> {
  try {
    return await readChanges(deployment, plan, ports, signal)
  } catch (error) {
    if (signal.aborted || !isVesemirError(error)) throw error
    return { warnings: [`what this changes is not known: ${error.message}`] }
  }
}

async function readChanges(
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
  const maker = await readMaker(known, { names, release: plan.release, spec, before }, ports)
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

/**
 * Reads the deployment by which most of the hosts run another release than the one that is planned. Undefined where its record does not say
 * that it put this release there: what hosts run is not signed, and an approver relies on the commits since.
 */
async function readMaker(
  known: readonly ApplicationHost[],
  { names, release: planned, spec, before }: Planned,
  { deployments }: Pick<ChangesPorts, 'deployments'>,
): Promise<Deployment | undefined> {
  const counts = new Map<string, { deployment: string; release: string; hosts: number }>()
  for (const { host, runs } of known) {
    if (runs?.deployment === undefined || runs.release === planned.id || !names.has(host)) continue
    const { deployment, release } = runs
    const key = JSON.stringify([deployment, release])
    counts.set(key, { deployment, release, hosts: (counts.get(key)?.hosts ?? 0) + 1 })
  }
  const [most] = [...counts.values()].toSorted((one, other) => other.hosts - one.hosts)
  if (!most) return undefined
  const maker = before?.id === most.deployment ? before : await deployments.read(most.deployment)
  const isHere = maker?.spec.application === spec.application && maker.spec.environment === spec.environment
  return isHere && maker.plan?.release.id === most.release ? maker : undefined
}

interface Planned {
  names: ReadonlySet<string>
  release: PlannedRelease
  spec: DeploymentSpec
  before: Deployment | undefined
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
