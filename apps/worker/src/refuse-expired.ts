import type { Deployment } from '@vesemir/contract'
import { claimWith, toFailure, VesemirError, type Clock, type DeploymentClaim } from '@vesemir/core'

interface ExpiryOptions {
  clock: Pick<Clock, 'now'>
  maxOrderAgeMs: number
}

/**
 * Refuses what was asked for longer ago than the limit: commands, whenever they arrive, and a deployment that was not planned yet.
 * Whoever can write to Redis could keep an order, and give it when nobody expects it any more.
 */
export async function refusingExpired(claim: DeploymentClaim, options: ExpiryOptions): Promise<DeploymentClaim> {
  const { createdAt, commands, plan } = claim.deployment
  const isExpired = [createdAt, ...commands.map(({ at }) => at)].every((at) => isOlder(at, options))
  if (!plan && isExpired) await endExpired(claim)
  else await refuseCommands(claim, options)
  return claimWith(claim, {
    async readHosts() {
      const read = await claim.readHosts()
      await refuseCommands(claim, options)
      return read
    },
    async waitForChanges(...asked) {
      const news = await claim.waitForChanges(...asked)
      if (news.commanded) await refuseCommands(claim, options)
      return news
    },
  })
}

async function refuseCommands(claim: DeploymentClaim, options: ExpiryOptions): Promise<void> {
  for (const { at, by, seq, command } of claim.deployment.commands.filter(({ at }) => isOlder(at, options))) {
    const failure = toFailure(expired(claim.deployment, `the command ${command.command}`, at))
    await claim.append({ type: 'command.refused', failure, by, follows: seq })
  }
}

function isOlder(at: string, { clock, maxOrderAgeMs }: ExpiryOptions): boolean {
  return clock.now() - Date.parse(at) > maxOrderAgeMs
}

async function endExpired(claim: DeploymentClaim): Promise<void> {
  const failure = toFailure(expired(claim.deployment, 'the order', claim.deployment.createdAt))
  while (!(await claim.end({ type: 'deployment.ended', outcome: 'failed', failure }))) await claim.readHosts()
}

function expired({ id }: Deployment, what: string, at: string): VesemirError {
  return new VesemirError('ORDER_EXPIRED', `${what} of ${at} to ${id} has waited for longer than the worker allows`)
}
