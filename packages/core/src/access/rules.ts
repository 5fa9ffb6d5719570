import type {
  Acceptance,
  ApplicationLock,
  ClusterProtection,
  Command,
  Deployment,
  DeploymentSpec,
  Protection,
  Role,
} from '@vesemir/contract'
import { VesemirError } from '../errors.ts'
import { unaccepted, type Order } from './acceptance.ts'
import { brokenFloors, type BrokenFloor } from './floors.ts'
import { formatZoned, freezeAt, nextFreeze, type FrozenTime } from './freezes.ts'
import { matchesPattern } from './matches-pattern.ts'

/** What a cluster takes, and what every deployment keeps there. The API and the workers each have their own. */
export interface Rules {
  /** Undefined accepts everything. */
  accept?: readonly Acceptance[] | undefined
  protections: readonly (ClusterProtection & Pick<Protection, 'clusters'>)[]
}

interface RuleScope {
  environment: string
  /** Where it is not known, rules of every cluster are meant. */
  cluster: string | undefined
}

/** Returns the rules that are meant for a place: all of them hold. */
export function rulesAt<Rule extends Rules['protections'][number]>(
  { environment, cluster }: RuleScope,
  protections: readonly Rule[],
): Rule[] {
  const isOneOf = (patterns: readonly string[] | undefined, name: string | undefined) =>
    patterns === undefined || name === undefined || patterns.some((pattern) => matchesPattern(pattern, name))
  return protections.filter((rule) => isOneOf(rule.environments, environment) && isOneOf(rule.clusters, cluster))
}

/**
 * Refuses a deployment that the rules do not allow, before anything is done.
 * @throws {VesemirError} `CLUSTER_REFUSED`, `ENVIRONMENT_PROTECTED`, `ENVIRONMENT_FROZEN`; the first two with
 * `details.errors`, one entry for each field
 */
export function refuseDeployment(order: Order, rules: Rules, nowMs: number): void {
  refuseUnaccepted(order, rules)
  const broken = floorsBroken(order.spec, rules)
  if (broken.length > 0) throw brokenRules(order.spec.environment, broken)
  refuseFrozen(order.spec, rules, nowMs)
}

/** @throws {VesemirError} `CLUSTER_REFUSED` for what the workers of a cluster do not carry out */
export function refuseUnaccepted(order: Order, { accept }: Pick<Rules, 'accept'>): void {
  const refused = unaccepted(order, accept)
  if (refused.length > 0) throw refusedFields('CLUSTER_REFUSED', 'the workers refuse it', refused)
}

/**
 * Refuses a command that the rules do not allow: an approval by whoever asked for the deployment, what has more hosts walked in
 * a freeze, and a retry of what may not be deployed any more. What stops a deployment or takes it back is never refused.
 * @throws {VesemirError} as `refuseDeployment`
 */
export function refuseCommand(
  { command: { command }, by }: { command: Command; by: string },
  { deployment, rules, nowMs }: { deployment: Pick<Deployment, 'spec' | 'requestedBy'>; rules: Rules; nowMs: number },
): void {
  const { spec, requestedBy } = deployment
  switch (command) {
    case 'approve':
      if (by === requestedBy && !rulesAt(spec, rules.protections).every(({ approveOwn }) => approveOwn))
        throw ownApproval(by)
      return refuseFrozen(spec, rules, nowMs)
    case 'resume':
    case 'skip':
      return refuseFrozen(spec, rules, nowMs)
    case 'retry':
      return refuseDeployment({ spec, requestedBy }, rules, nowMs)
    case 'pause':
    case 'reject':
    case 'cancel':
    case 'rollback':
  }
}

/** Refuses to lift the lock of another where a rule leaves that to certain roles. @throws {VesemirError} `ENVIRONMENT_PROTECTED` */
export function refuseUnlock(
  lock: Pick<ApplicationLock, 'environment' | 'by'>,
  given: { by: string; roles: readonly Role[]; cluster: string | undefined; protections: readonly Protection[] },
): void {
  const { by, roles, cluster, protections } = given
  if (by === lock.by) return
  for (const { unlock } of rulesAt({ environment: lock.environment, cluster }, protections))
    if (unlock && !unlock.some((role) => roles.includes(role))) {
      const who = unlock.length === 0 ? 'nobody else' : unlock.join(' or ')
      const message = `${lock.environment} is protected: besides ${lock.by}, ${who} may lift this lock`
      throw new VesemirError('ENVIRONMENT_PROTECTED', message)
    }
}

const soonMs = 7 * 24 * 3_600_000

/** Says that a place is frozen now, and which freeze begins there in the next seven days. */
export function describeFreezes(
  place: RuleScope,
  { protections }: Pick<Rules, 'protections'>,
  nowMs: number,
): string[] {
  const { now, next } = freezesAt(place, protections, nowMs)
  return [...(now ? [sayFrozen(place.environment, now)] : []), ...(next ? [sayFreezing(place.environment, next)] : [])]
}

function freezesAt(place: RuleScope, protections: Rules['protections'], nowMs: number) {
  const freezes = rulesAt(place, protections).flatMap((rule) => rule.freezes)
  return { now: freezeAt(freezes, nowMs), next: nextFreeze(freezes, { nowMs, withinMs: soonMs }) }
}

/** Says in a plan what would be refused if it were deployed now, and which freeze begins in the next seven days. */
export function warnOfRules(
  spec: DeploymentSpec,
  { protections }: Pick<Rules, 'protections'>,
  nowMs: number,
): string[] {
  const { environment, override } = spec
  const { now, next } = freezesAt(spec, protections, nowMs)
  return [
    ...floorsBroken(spec, { protections }).map(
      ({ field, message }) => `${environment} is protected, and this is refused: ${field}: ${message}`,
    ),
    ...(now && !override ? [`deploying this is refused: ${sayFrozen(environment, now)}`] : []),
    ...(next ? [sayFreezing(environment, next)] : []),
  ]
}

function floorsBroken(spec: DeploymentSpec, { protections }: Pick<Rules, 'protections'>): BrokenFloor[] {
  return rulesAt(spec, protections).flatMap((rule) => brokenFloors(spec, rule))
}

/** Returns, in words, the freeze that a queued deployment has to wait for; undefined where there is none, or it overrides. */
export function freezeToWaitFor(
  spec: DeploymentSpec,
  rules: Pick<Rules, 'protections'>,
  nowMs: number,
): string | undefined {
  const frozen = freezeOf(spec, rules, nowMs)
  return frozen && `the end of a freeze: ${sayFrozen(spec.environment, frozen)}`
}

function freezeOf(spec: DeploymentSpec, { protections }: Pick<Rules, 'protections'>, nowMs: number) {
  const freezes = rulesAt(spec, protections).flatMap((rule) => rule.freezes)
  return spec.override ? undefined : freezeAt(freezes, nowMs)
}

function refuseFrozen(spec: DeploymentSpec, rules: Rules, nowMs: number): void {
  const frozen = freezeOf(spec, rules, nowMs)
  if (!frozen) return
  const until = new Date(frozen.toMs).toISOString()
  throw new VesemirError('ENVIRONMENT_FROZEN', sayFrozen(spec.environment, frozen), { details: { until } })
}

function sayFrozen(environment: string, { toMs, timeZone, reason }: FrozenTime): string {
  return `${environment} is frozen until ${formatZoned(toMs, timeZone)}: ${reason}`
}

function sayFreezing(environment: string, { fromMs, timeZone, reason }: FrozenTime): string {
  return `${environment} is frozen from ${formatZoned(fromMs, timeZone)}: ${reason}`
}

function ownApproval(by: string): VesemirError {
  const message = `${by} asked for the deployment: another person has to approve it`
  return new VesemirError('ENVIRONMENT_PROTECTED', message)
}

/** Returns the refusal of settings that a protected environment does not allow. */
export function brokenRules(environment: string, broken: readonly BrokenFloor[]): VesemirError {
  return refusedFields('ENVIRONMENT_PROTECTED', `${environment} is protected`, broken)
}

function refusedFields(
  code: 'ENVIRONMENT_PROTECTED' | 'CLUSTER_REFUSED',
  what: string,
  errors: readonly BrokenFloor[],
): VesemirError {
  const list = errors.map(({ field, message }) => `${field}: ${message}`).join('; ')
  return new VesemirError(code, `${what}: ${list}`, { details: { errors } })
}
