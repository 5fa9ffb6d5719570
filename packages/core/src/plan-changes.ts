import type { DeploymentSpec, Plan, PlannedHost, PlannedRelease, SecretDigests, ServerRef } from '@vesemir/contract'
import { describeEndpoint } from './endpoints.ts'
import { VesemirError } from './errors.ts'
import { isSameJson } from './is-same-json.ts'
import { describeServer } from './servers.ts'
import { isReleaseOfOneDeployment } from './variables.ts'

/**
 * Refuses a deployment that is to do what a plan said, when what it would do now is something else.
 * @throws {VesemirError} `PLAN_CHANGED`, with what has changed
 */
export function refuseChangedPlan(
  now: Plan,
  { spec, expected }: { spec: DeploymentSpec; expected: Plan | undefined },
): void {
  if (spec.planId === undefined || !expected) return
  const { id } = isReleaseOfOneDeployment(spec, now.secrets) ? now.release : expected.release
  refuse(spec.planId, planChanges({ ...expected, release: { ...expected.release, id } }, now))
}

/**
 * Refuses to deploy what a plan said, when the application's settings have changed since.
 * @throws {VesemirError} `PLAN_CHANGED`, with the settings
 */
export function refuseChangedSettings(
  id: string,
  { before, now }: { before: DeploymentSpec; now: DeploymentSpec },
): void {
  const names = new Set([...Object.keys(before), ...Object.keys(now)]) as Set<keyof DeploymentSpec>
  const changed = [...names].filter((name) => !isSameJson(before[name], now[name]))
  refuse(id, changed.length > 0 ? [`settings of ${now.application}: ${changed.join(', ')}`] : [])
}

/** Says in words how a plan differs from an earlier one of the same deployment: hosts, their order and servers, the release. */
export function planChanges(before: Plan, now: Plan): string[] {
  const hostsNow = new Map(now.hosts.map((host) => [host.target.name, host]))
  const hostsBefore = new Map(before.hosts.map((host) => [host.target.name, host]))
  const changes = [
    ...before.hosts.filter(({ target }) => !hostsNow.has(target.name)).map(({ target }) => `${target.name} is gone`),
    ...now.hosts.filter(({ target }) => !hostsBefore.has(target.name)).map(({ target }) => `${target.name} is new`),
    ...now.hosts.flatMap((host) => hostChanges(hostsBefore.get(host.target.name), host)),
    ...listChange('boxes', names(before.boxes), names(now.boxes)),
    ...releaseWrites(before.release, now.release),
    ...secretChanges(before.secrets, now.secrets),
  ]
  if (changes.length > 0) return changes
  return inOrder(before) === inOrder(now) ? [] : ['order or waves of the hosts']
}

/** A value that one of the plans does not tell may be the same. */
function secretChanges(before: SecretDigests = {}, now: SecretDigests = {}): string[] {
  return Object.keys(now)
    .filter((name) => before[name] !== undefined && before[name] !== now[name])
    .map((name) => `value of the secret variable ${name}`)
}

function hostChanges(before: PlannedHost | undefined, now: PlannedHost): string[] {
  if (!before) return []
  const { name } = now.target
  return [
    ...listChange(`address of ${name}`, [reach(before)], [reach(now)]),
    ...listChange(`servers of ${name}`, before.servers.map(nameServer), now.servers.map(nameServer)),
  ]
}

function nameServer(server: ServerRef): string {
  return server.endpoint ? `${describeServer(server)} (${describeEndpoint(server)})` : describeServer(server)
}

function reach({ target: { user, address, port } }: PlannedHost): string {
  return `${user}@${address}:${port}`
}

function releaseWrites(before: PlannedRelease, now: PlannedRelease): string[] {
  if (isSameJson(withoutLook(before), withoutLook(now))) return []
  return before.id === now.id ? [`contents of release ${now.id}`] : listChange('release', [before.id], [now.id])
}

/** What follows from an archive's contents alone, and a worker of an earlier version has not looked for. */
function withoutLook(release: PlannedRelease): PlannedRelease {
  if (release.strategy !== 'artifact') return release
  const { hasSetIdFolders: _hasSetIdFolders, ...rest } = release
  return rest
}

function listChange(what: string, before: readonly string[], now: readonly string[]): string[] {
  const [was, is] = [before, now].map((list) => list.toSorted().join(', ') || 'none')
  return was === is ? [] : [`${what}: now ${is}, was ${was}`]
}

function names(boxes: Plan['boxes']): string[] {
  return boxes.map(({ name, address }) => `${name} (${address})`)
}

function inOrder({ hosts, waves, concurrency }: Plan): string {
  return JSON.stringify([hosts.map(({ target, wave }) => [target.name, wave]), waves, concurrency])
}

/** How many changes a refusal names. */
const mostNamed = 5

function refuse(id: string, changes: readonly string[]): void {
  if (changes.length === 0) return
  const rest = changes.length > mostNamed ? [`${changes.length - mostNamed} more`] : []
  const message = `${id} is out of date: ${[...changes.slice(0, mostNamed), ...rest].join('; ')}`
  throw new VesemirError('PLAN_CHANGED', message, { details: { id, changes } })
}
