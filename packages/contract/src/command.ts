import { z } from 'zod'
import { HostName, Timestamp } from './primitives.ts'

const command = <Name extends string, Shape extends z.ZodRawShape>(name: Name, shape: Shape) =>
  z.strictObject({ command: z.literal(name), ...shape, reason: z.string().max(500).optional() })

/** Lets an admin give it to a deployment that another has superseded: only hosts that still run what it left are walked. */
const forced = { force: z.boolean().optional() }

const isExplained = ({ force, reason }: { force?: boolean | undefined; reason?: string | undefined }) =>
  !force || reason !== undefined
const explained = { path: ['reason'], error: 'is required with force' }

/**
 * What a person tells a deployment to do. Each is safe to give twice.
 *
 * pause and resume: start no more hosts, and go on · approve and reject: a gate's answer · cancel: start no more hosts and
 * end; with `now` the hosts in progress stop at the next safe point and go back to what they were · retry: failed, unreachable
 * and not started hosts again, and those that are done but not back in rotation · rollback: every touched host back to the
 * release before · skip: go on without the hosts that failed (when the deployment asks). retry and rollback of a superseded
 * deployment are refused unless they are forced.
 */
export const Command = z.discriminatedUnion('command', [
  command('pause', {}),
  command('resume', {}),
  command('approve', {}),
  command('reject', {}),
  command('cancel', { now: z.boolean().default(false) }),
  command('retry', {
    hosts: z.array(HostName).min(1).max(1000).optional(),
    without: z.array(HostName).min(1).max(1000).optional().meta({
      description: 'Hosts to exclude permanently: not deployed, and counted neither as failed nor as missing.',
    }),
    ...forced,
  })
    .refine(isExplained, explained)
    .refine(({ hosts, without }) => !hosts?.some((host) => without?.includes(host)), {
      path: ['without'],
      error: 'names a host that is also in hosts',
    }),
  command('rollback', forced).refine(isExplained, explained),
  command('skip', {}),
])
export type Command = z.infer<typeof Command>

/** A command with who gave it, and the number of the event that tells of it. */
export const GivenCommand = z.object({ seq: z.int(), command: Command, by: z.string(), at: Timestamp })
export type GivenCommand = z.infer<typeof GivenCommand>
