import { aPlan, aSpec } from '@vesemir/contract/testing'
import type { DeploymentSpec, Failure, StepName } from '@vesemir/contract'
import type { Records } from '@vesemir/store/record'

const hosts = Array.from({ length: 200 }, (_, index) => `web-${String(index + 1).padStart(3, '0')}`)

/** Of 200 hosts, 31 fail in one step and 3 in another. */
function failureOf(host: string, index: number): { step: StepName; failure: Failure } | undefined {
  if (index >= 34) return undefined
  const hint = 'Read its log.'
  if (index < 31) {
    const log = ['payments: active (running)', 'Error: listen EADDRINUSE: address already in use :::8080']
    const message = `${host} was not healthy in 60s`
    return { step: 'verify', failure: { code: 'HEALTH_CHECK_FAILED', message, hint, log } }
  }
  const message = `tar exited with 2 on ${host}: no space left on device`
  return { step: 'deploy', failure: { code: 'COMMAND_FAILED', message, hint } }
}

/** Writes the record of a deployment to 200 hosts of which 34 failed: more machines than one can stand up here. Returns its id. */
export async function writeFailedRollout(
  { deployments, claims }: Pick<Records, 'deployments' | 'claims'>,
  place: Partial<Pick<DeploymentSpec, 'application' | 'environment' | 'cluster'>>,
): Promise<string> {
  const { id } = await deployments.create({ spec: aSpec({ ...place, version: '2.0.0' }), requestedBy: 'ada' })
  const claim = await claims.claimDeployment(id, 'worker-9')
  await claim.append({ type: 'deployment.planned', plan: aPlan(hosts) })
  await Promise.all(hosts.map((host, index) => walk(claims, { id, host, index })))
  const failure = { code: 'HOSTS_FAILED' as const, message: 'hosts: 34 failed, 166 succeeded' }
  await claim.end({ type: 'deployment.ended', outcome: 'failed', failure })
  return id
}

async function walk(
  claims: Records['claims'],
  { id, host, index }: { id: string; host: string; index: number },
): Promise<void> {
  await using claim = await claims.claimHost(id, host, 'worker-9')
  await claim.append({ type: 'release.introduced', host, release: '2.0.0', previous: '1.9.0' })
  const found = failureOf(host, index)
  if (found) {
    const { step, failure } = found
    await claim.append({ type: 'step.started', host, step })
    await claim.append({ type: 'step.ended', host, step, outcome: 'failed', durationMs: 1200 })
    await claim.append({ type: 'host.ended', host, outcome: 'failed', traffic: 'drained', failure })
  } else await claim.append({ type: 'host.ended', host, outcome: 'succeeded', traffic: 'restored' })
}
