import type { Command, CommandAccepted } from '@vesemir/contract'
import { refuseCommand, type Clock, type Commands, type Deployments } from '@vesemir/core'
import type { Queues } from '@vesemir/store/queue'
import type { FastifyRequest } from 'fastify'
import type { CurrentRules } from './access-settings.ts'
import { json, noteForAudit } from './audit.ts'
import { enqueue } from './enqueue.ts'

/** What giving commands to deployments needs. */
export interface CommandPorts {
  commands: Commands
  deployments: Deployments
  queues: Pick<Queues, 'enqueueDeployment'>
  rules: CurrentRules
  clock: Pick<Clock, 'now'>
}

/**
 * Gives a deployment a command of the caller's.
 * @throws {VesemirError} as `refuseCommand` and `Commands.give`
 */
export async function giveCommand(
  request: FastifyRequest,
  { id, command }: { id: string; command: Command },
  { commands, deployments, queues, rules, clock }: CommandPorts,
): Promise<CommandAccepted> {
  const given = { command, by: request.caller.name }
  const deployment = await deployments.read(id)
  noteForAudit(request, { after: json(command) })
  if (deployment) {
    const { application, environment, team, cluster } = deployment.spec
    const subject = { application, environment, team, cluster, deployment: id }
    noteForAudit(request, { subject, before: deployment.state.status })
    refuseCommand(given, { deployment, rules, nowMs: clock.now() })
  }
  const accepted = await commands.give(id, given)
  // One that had ended and is to be retried or rolled back has no job any more.
  await enqueue(id, { deployments, queues, log: request.log })
  return accepted
}
