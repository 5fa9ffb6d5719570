import { isEnded } from '@vesemir/core'
import type { FastifyRequest } from 'fastify'
import { giveCommand, type CommandPorts } from '../give-command.ts'

/** What a retry in the queue dashboard needs. */
export type RetryPorts = CommandPorts

/** A job of the queue dashboard, and who wants it to run again. */
interface Retried {
  queueName: string
  jobId: string
  request: FastifyRequest
}

/**
 * Retries what a job was for, if that has ended: a deployment, or one of its hosts. It is a command as any other, with the name of
 * who asks; to run such a job again would do nothing. Returns whether it was one.
 * @throws {VesemirError} as `giveCommand`
 */
export async function retryByCommand({ queueName, jobId, request }: Retried, ports: RetryPorts): Promise<boolean> {
  if (!/^(?:deployments|hosts)-/.test(queueName)) return false
  const { id, host } = readJobId(jobId)
  if (!(await hasEnded(id, host, ports))) return false
  const command = { command: 'retry' as const, ...(host === undefined ? {} : { hosts: [host] }) }
  await giveCommand(request, { id, command }, ports)
  return true
}

async function hasEnded(
  id: string,
  host: string | undefined,
  { deployments }: Pick<RetryPorts, 'deployments'>,
): Promise<boolean> {
  if (host !== undefined) return 'endedAt' in ((await deployments.readHost(id, host))?.state ?? {})
  const deployment = await deployments.read(id)
  return deployment !== undefined && isEnded(deployment)
}

/** Returns which deployment, and which of its hosts, a job is for. */
export function readJobId(jobId: string): { id: string; host: string | undefined } {
  const [id = '', host] = jobId.split('~')
  return { id, host }
}
