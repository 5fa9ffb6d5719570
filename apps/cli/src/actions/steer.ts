import type { Command } from '@vesemir/contract'
import { VesemirError } from '@vesemir/core'
import { count, listFew } from '@vesemir/words'
import { exitCodes, exitOfCommand } from '../exit-codes.ts'
import { jsonDocument } from '../render/json.ts'
import { checkReports, type ReportOptions } from '../reports/write-reports.ts'
import type { Session } from '../session.ts'
import { followToEnd } from './open-viewer.ts'

export interface SteerOptions extends ReportOptions {
  reason?: string
  follow?: boolean
  /** In place of following. */
  detach?: boolean
  /** Of cancel. */
  now?: boolean
  /** Of retry: these hosts alone. */
  host?: string[]
  /** Of retry: the hosts of this cause of failure alone, as numbered by `status`. */
  cause?: number
  /** Of retry: exclude these hosts for good. */
  without?: string[]
  /** Of retry and rollback: of a superseded deployment too. */
  force?: boolean
}

type CommandName = Command['command']

/** Gives a command to a deployment, and with `follow` shows the deployment from there to its end. */
export async function steerDeployment(
  id: string,
  name: CommandName,
  { session, follow = false, detach = false, ...options }: SteerOptions & { session: Session },
): Promise<number> {
  const { client, json, write, notify } = session
  const host =
    options.cause === undefined ? options.host : await findHostsOfCause(id, { cause: options.cause, session })
  const command = toCommand(name, { ...options, ...(host ? { host } : {}) })
  checkReports(options)
  const before = follow ? await client.getDeployment(id) : undefined
  const accepted = await client.commandDeployment(id, command)
  if (!before && json) write(jsonDocument(accepted))
  if (!json)
    notify([accepted.changed ? consequences[name](id, command) : `${id} is already ${states[name]}; nothing to do`])
  if (before) return followToEnd(id, { session, reports: options, after: before.cursor, exitOf: exitOfCommand })
  if (!json && detach) notify([`Follow it: vesemir logs ${id} -f`])
  return exitCodes.succeeded
}

async function findHostsOfCause(
  id: string,
  { cause, session: { client } }: { cause: number; session: Session },
): Promise<string[]> {
  const { causes } = await client.listFailures(id)
  const found = causes[cause - 1]
  if (found) return found.hosts
  const known = causes.length === 0 ? 'no host failed' : `${id} has ${count(causes.length, 'cause')} of failure`
  throw new VesemirError('REQUEST_INVALID', `--cause ${cause} not found: ${known}`)
}

function toCommand(name: CommandName, { reason, now, host: hosts, without, force }: SteerOptions): Command {
  const why = reason === undefined ? {} : { reason }
  const forced = force ? { force } : {}
  switch (name) {
    case 'cancel':
      return { command: name, now: now ?? false, ...why }
    case 'retry':
      return { command: name, ...(hosts ? { hosts } : {}), ...(without ? { without } : {}), ...forced, ...why }
    case 'rollback':
      return { command: name, ...forced, ...why }
    case 'pause':
    case 'resume':
    case 'approve':
    case 'reject':
    case 'skip':
      return { command: name, ...why }
  }
}

/** What a deployment already is when a command changes nothing. */
const states: Record<CommandName, string> = {
  pause: 'paused',
  resume: 'resumed',
  approve: 'approved',
  reject: 'rejected',
  skip: 'continuing without the failed hosts',
  cancel: 'cancelled or being cancelled',
  retry: 'retrying these hosts',
  rollback: 'rolled back or being rolled back',
}

/** What a command does, and what to do next. */
const consequences: Record<CommandName, (id: string, command: Command) => string> = {
  pause: (id) => `${id} finishes the hosts in progress and starts no more. Resume it: vesemir resume ${id}`,
  resume: (id) => `${id} resumes`,
  approve: (id) => `${id} continues past its gate`,
  reject: (id) => `${id} ends at its gate. Restore the previous release: vesemir rollback ${id}`,
  skip: (id) => `${id} continues without the failed hosts`,
  cancel: (id, command) =>
    command.command === 'cancel' && command.now
      ? `${id} stops the hosts in progress at their next safe point, restores them, and ends`
      : `${id} finishes the hosts in progress, then ends. Stop them too: vesemir cancel ${id} --now`,
  retry: (id, command) => {
    const { hosts, without } = command.command === 'retry' ? command : {}
    const excluding = without ? `, and excludes ${without.join(', ')} for good` : ''
    return `${id} retries ${hosts ? listFew(hosts, 8) : 'all unfinished hosts'}${excluding}${forcedOn(command)}`
  },
  rollback: (id, command) => `${id} restores the previous release, host by host${forcedOn(command)}`,
}

function forcedOn(command: Command): string {
  const isForced = 'force' in command && command.force === true
  return isForced ? ', on hosts that still run its release' : ''
}
