import type { ClusterProtection, DeploymentSpec, Pace, RequiredApproval } from '@vesemir/contract'
import { minHealthyIn } from '../backends.ts'

/** A setting that a rule does not allow. */
export interface BrokenFloor {
  field: string
  message: string
}

type Spec = Pick<DeploymentSpec, 'concurrency' | 'rollout' | 'loadBalancer'>
type Amount = number | string

/**
 * Returns the settings by which a deployment may do more than a rule allows, whatever hosts there turn out to be. A number and a
 * percentage are compared only where that holds for every number of hosts.
 */
export function brokenFloors(spec: Spec, rule: ClusterProtection): BrokenFloor[] {
  return [
    ...checkConcurrency(spec, rule),
    ...checkFailures(spec, rule),
    ...checkHealthy(spec, rule),
    ...checkApprovals(spec, rule),
  ]
}

function* checkConcurrency({ concurrency }: Spec, { maxConcurrency: max }: ClusterProtection): Generator<BrokenFloor> {
  if (max === undefined) return
  const isList = Array.isArray(concurrency)
  for (const [index, size] of (isList ? concurrency : [concurrency]).entries())
    // A percentage of hosts is at least one host.
    if (size !== 1 && !isAtMost(size, max))
      yield { field: isList ? `concurrency[${index}]` : 'concurrency', message: tooMuch(size, max) }
}

function* checkFailures({ rollout }: Spec, { maxFailures: max }: ClusterProtection): Generator<BrokenFloor> {
  const { maxFailures } = rollout
  if (max === undefined || isAtMost(maxFailures, max)) return
  yield { field: 'rollout.maxFailures', message: tooMuch(maxFailures, max) }
}

function* checkHealthy({ loadBalancer }: Spec, { minHealthy: min }: ClusterProtection): Generator<BrokenFloor> {
  if (min === undefined || min === 0) return
  if (loadBalancer.kind === 'none')
    return yield { field: 'loadBalancer.kind', message: `none keeps no server in service; at least ${min} must stay` }
  if (!isAtMost(min, loadBalancer.minHealthy))
    yield { field: 'loadBalancer.minHealthy', message: tooLittle(loadBalancer.minHealthy, min) }
  for (const [name, minHealthy] of Object.entries(minHealthyIn(loadBalancer)))
    if (!isAtMost(min, minHealthy!))
      yield { field: `loadBalancer.backends.${name}.minHealthy`, message: tooLittle(minHealthy!, min) }
}

function* checkApprovals({ rollout, concurrency }: Spec, { approvals }: ClusterProtection): Generator<BrokenFloor> {
  for (const needed of approvals) {
    const isThere = rollout.gates.some(
      ({ wait, afterWave, approvals: people }) =>
        wait === 'approval' && people >= needed.people && isWithin(needed, { afterWave, concurrency }),
    )
    if (!isThere) yield { field: 'rollout.gates', message: `lacks ${describeApproval(needed)}` }
  }
}

/** Whether no more hosts have their turn before a gate than may have it without approval. */
function isWithin({ afterHosts }: RequiredApproval, gate: { afterWave: number; concurrency: Pace }): boolean {
  const { afterWave, concurrency } = gate
  if (afterWave === 0) return true
  if (!Array.isArray(concurrency)) return false
  const sizes = Array.from({ length: afterWave }, (_, wave) => concurrency[Math.min(wave, concurrency.length - 1)]!)
  const numbers = sizes.filter((size) => typeof size === 'number')
  if (numbers.length === sizes.length) return isAtMost(sum(numbers), afterHosts)
  // Each wave is at least one host, so that several small percentages may come to more than their sum.
  const [size, ...others] = sizes
  return others.length === 0 && afterHosts !== 0 && isAtMost(size!, afterHosts)
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}

/** Whether an amount is at most another one, of however many. Of a number and a percentage this is known only for none and all. */
function isAtMost(amount: Amount, max: Amount): boolean {
  if (typeof amount === typeof max) return percentOrCount(amount) <= percentOrCount(max)
  return amount === 0 || max === '100%'
}

function percentOrCount(amount: Amount): number {
  return typeof amount === 'number' ? amount : Number.parseInt(amount, 10)
}

function tooMuch(amount: Amount, max: Amount): string {
  return `${amount} is not allowed: at most ${max}${sayUnit(amount, max)}`
}

function tooLittle(amount: Amount, min: Amount): string {
  return `${amount} is not allowed: at least ${min}${sayUnit(amount, min)}`
}

function sayUnit(amount: Amount, bound: Amount): string {
  if (typeof amount === typeof bound) return ''
  return typeof bound === 'number' ? ', as a number' : ', as a percentage'
}

function describeApproval({ afterHosts, people }: RequiredApproval): string {
  const who = people === 1 ? 'an approval' : `${people} approvals`
  if (afterHosts === 0) return `${who} before the first host: afterWave: 0`
  return `${who} after at most ${afterHosts}${typeof afterHosts === 'number' ? ' hosts' : ' of the hosts'}`
}
