import { aPlan, aSpec } from '@vesemir/contract/testing'
import type { DeploymentSpec, Failure, StepName } from '@vesemir/contract'
import type { Records } from '@vesemir/store/record'

type Place = Pick<DeploymentSpec, 'application' | 'environment' | 'cluster'>

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

type Writers = Pick<Records, 'deployments' | 'claims'>

/** Writes the record of a deployment to 200 hosts of which 34 failed: more machines than one can stand up here. Returns its id. */
export async function writeFailedRollout(records: Writers, place: Place): Promise<string> {
  const { id, claim } = await plan(records, { ...place, version: '2.0.0', by: 'ada' })
  await Promise.all(hosts.map((host, index) => walk(records, { id, host, index })))
  const failure = { code: 'HOSTS_FAILED' as const, message: 'hosts: 34 failed, 166 succeeded' }
  await claim.end({ type: 'deployment.ended', outcome: 'failed', failure })
  return id
}

/** Writes the record of a deployment that waits for approval before its first host. */
export async function writeGate(records: Writers, place: Place): Promise<void> {
  const { claim } = await plan(records, { ...place, version: '2.1.0', by: 'grace' })
  await claim.append({ type: 'deployment.gated', gate: { kind: 'approval', afterWave: 0, until: tomorrow() } })
}

/** Writes the record of a deployment that waits for a decision after a failure, with a host still in progress. Returns its id. */
export async function writeDecision(records: Writers, place: Place): Promise<string> {
  const { id, claim } = await plan(records, { ...place, version: '2.2.0', by: 'ada' })
  const [failed, other] = hosts as [string, string]
  await walk(records, { id, host: failed, index: 0 })
  await using running = await records.claims.claimHost(id, other, 'worker-9')
  await running.append({ type: 'step.started', host: other, step: 'drain' })
  const gate = { kind: 'failure' as const, hosts: [failed], until: tomorrow(), otherwise: 'stop' as const }
  await claim.append({ type: 'deployment.gated', gate })
  return id
}

function tomorrow(): string {
  return new Date(Date.now() + 24 * 3600_000).toISOString()
}

async function plan({ deployments, claims }: Writers, { by, ...given }: Place & { version: string; by: string }) {
  const { id } = await deployments.create({ spec: aSpec(given), requestedBy: by })
  const claim = await claims.claimDeployment(id, 'worker-9')
  await claim.append({ type: 'deployment.planned', plan: aPlan(hosts) })
  return { id, claim }
}

async function walk(
  { claims }: Pick<Records, 'claims'>,
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
