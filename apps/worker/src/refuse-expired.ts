import type { Deployment } from '@vesemir/contract'
import { toFailure, VesemirError, type Clock, type DeploymentClaim } from '@vesemir/core'

interface ExpiryOptions {
  clock: Pick<Clock, 'now'>
  maxOrderAgeMs: number
}

/**
 * Refuses what was asked for longer ago than the limit: commands that wait still, and a deployment that was not planned yet. Whoever
 * can write to Redis could keep an order, and give it when nobody expects it any more.
 */
export async function refuseExpired(claim: DeploymentClaim, { clock, maxOrderAgeMs }: ExpiryOptions): Promise<void> {
  const isExpired = (at: string) => clock.now() - Date.parse(at) > maxOrderAgeMs
  const { createdAt, commands, plan } = claim.deployment
  if (!plan && [createdAt, ...commands.map(({ at }) => at)].every(isExpired)) return endExpired(claim)
  for (const { at, by, seq, command } of commands.filter(({ at }) => isExpired(at))) {
    const failure = toFailure(expired(claim.deployment, `the command ${command.command}`, at))
    await claim.append({ type: 'command.refused', failure, by, follows: seq })
  }
}

async function endExpired(claim: DeploymentClaim): Promise<void> {
  const failure = toFailure(expired(claim.deployment, 'the order', claim.deployment.createdAt))
  while (!(await claim.end({ type: 'deployment.ended', outcome: 'failed', failure }))) await claim.readHosts()
}

function expired({ id }: Deployment, what: string, at: string): VesemirError {
  return new VesemirError('ORDER_EXPIRED', `${what} of ${at} to ${id} has waited for longer than the worker allows`)
}
